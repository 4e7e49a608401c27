// A bounded number of things at once, and a bounded number of bytes: whoever comes when all is taken waits, in the order of coming.

export type Slots = { run<T>(work: () => Promise<T>): Promise<T> };

export function createSlots(count: number): Slots {
  const room = createRoom(count);
  return {
    async run(work) {
      const leave = room.takeNow(1) ?? (await room.take(1));
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}

/** What takes some of it gives it back, once, by calling what it was given. */
export type Room = {
  /** Resolves when there is so much. More than all of it is had when nobody else has any. */
  take(amount: number): Promise<() => void>;
  /** Null: not now. */
  takeNow(amount: number): (() => void) | null;
};

/** Memory, in bytes, for what is held of objects on their way: whatever sizes come together, no more is held at once. */
export function createRoom(size: number): Room {
  const waiting: { amount: number; enter: () => void }[] = [];
  let free = size;

  function leaving(amount: number): () => void {
    return () => {
      free += amount;
      // Nobody who comes now gets in before who waits: a large one would else wait for ever.
      for (let next = waiting[0]; next && next.amount <= free; next = waiting[0]) {
        waiting.shift();
        free -= next.amount;
        next.enter();
      }
    };
  }

  function takeNow(wanted: number): (() => void) | null {
    const amount = Math.min(wanted, size);
    if (waiting.length > 0 || amount > free) return null;
    free -= amount;
    return leaving(amount);
  }

  return {
    takeNow,
    async take(wanted) {
      const now = takeNow(wanted);
      if (now) return now;
      const amount = Math.min(wanted, size);
      await new Promise<void>((enter) => waiting.push({ amount, enter }));
      return leaving(amount);
    },
  };
}
