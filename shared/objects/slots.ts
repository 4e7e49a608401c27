// A bounded number of things at once: whoever comes when all slots are taken waits for one, in the order of coming.

export type Slots = { run<T>(work: () => Promise<T>): Promise<T> };

export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    async run(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        // A slot is handed over, not freed, when somebody waits: nobody who comes now gets in before.
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
