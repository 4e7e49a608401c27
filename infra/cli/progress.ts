// A line that says how far long work is: redrawn where somebody watches, else written now and then.
import type { CommonFlags } from './command.ts';
import type { Terminal } from './terminal.ts';

export type ProgressLine = {
  /** `line` is made only when it is shown. */
  show(line: () => string): void;
  /** Takes the line away, so that what follows stands by itself. */
  end(): void;
};

const REDRAW_SECONDS = 0.2;
const WRITE_SECONDS = 10;

export function createProgressLine({ io, clock, person }: Terminal, { json }: CommonFlags): ProgressLine {
  const everySeconds = person ? REDRAW_SECONDS : WRITE_SECONDS;
  let shownSeconds = clock.elapsedSeconds();
  return {
    show(line) {
      if ((json && !person) || clock.elapsedSeconds() - shownSeconds < everySeconds) return;
      shownSeconds = clock.elapsedSeconds();
      if (person) person.redraw(line());
      else io.err(line());
    },
    end() {
      person?.redraw('');
    },
  };
}
