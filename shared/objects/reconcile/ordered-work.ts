// Work on many items at once whose results are taken in the order of the items, with a bounded number of either in memory.

export type OrderedWork<Item, Result> = {
  /** Nothing waits and nothing is under way. */
  readonly idle: boolean;
  /** Begins work on an item. Resolves when there is room for the next. `work` must not reject. */
  begin(item: Item, work: () => Promise<Result>): Promise<void>;
  /** An item whose result is known: taken after those before it. */
  pass(item: Item, result: Result): Promise<void>;
  /** Resolves when nothing is under way, and all is taken that can be. */
  finish(): Promise<void>;
};

export type OrderedWorkOptions<Item, Result> = {
  /** Under way at once. */
  concurrency: number;
  /** Items that may wait for one before them. */
  lookahead: number;
  /** Takes the next result. `stop`: this one and all after it are left. */
  take: (item: Item, result: Result) => Promise<'taken' | 'stop'>;
};

export function createOrderedWork<Item, Result>(options: OrderedWorkOptions<Item, Result>): OrderedWork<Item, Result> {
  const waiting: { item: Item; result: { is: Result } | null }[] = [];
  let running = 0;
  let stopped = false;
  let wake = () => {};

  async function takeAll(): Promise<void> {
    for (let head = waiting[0]; head?.result && !stopped; head = waiting[0]) {
      if ((await options.take(head.item, head.result.is)) === 'stop') stopped = true;
      else waiting.shift();
    }
  }

  const oneEnds = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });

  async function room(): Promise<void> {
    await takeAll();
    while (!stopped && (running >= options.concurrency || waiting.length >= options.lookahead)) {
      // What ended while the last results were taken has woken nobody.
      if (running > 0 && !waiting[0]?.result) await oneEnds();
      await takeAll();
    }
  }

  return {
    get idle() {
      return waiting.length === 0;
    },
    begin(item, work) {
      const entry: (typeof waiting)[number] = { item, result: null };
      waiting.push(entry);
      running += 1;
      void work().then((result) => {
        entry.result = { is: result };
        running -= 1;
        wake();
      });
      return room();
    },
    pass(item, result) {
      waiting.push({ item, result: { is: result } });
      return room();
    },
    async finish() {
      while (running > 0) await oneEnds();
      await takeAll();
    },
  };
}
