// How long the other end of a stream has been waited for: started and stopped for every piece, and so without a timer of its own for each.

export type StallClock = {
  /** The other end is waited for, from now on. */
  run(): void;
  /** It is not, until the next `run`. */
  pause(): void;
  /** To be called at last: a timer keeps its process alive. */
  end(): void;
};

/** Calls `stalled` once it has run for so long without a pause. It stands still at first. */
export function createStallClock(stallSeconds: number, stalled: () => void): StallClock {
  let running = false;
  const timer = setTimeout(() => {
    if (running) stalled();
  }, stallSeconds * 1000);
  return {
    run() {
      running = true;
      // Also one that went off during a pause goes on with this.
      timer.refresh();
    },
    pause() {
      running = false;
    },
    end() {
      running = false;
      clearTimeout(timer);
    },
  };
}
