// Whoever sits at the terminal: can be asked, and is shown a line that changes.
import { createInterface } from 'node:readline/promises';

export type Person = {
  /** What is answered, trimmed; empty when the question is broken off. */
  ask(question: string): Promise<string>;
  /** Shows a line in the place of the last one; empty: takes it away. */
  redraw(line: string): void;
};

/** Null when nobody can answer: standard input or standard error is no terminal. */
export function createPerson(): Person | null {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
  return {
    async ask(question) {
      const lines = createInterface({ input: process.stdin, output: process.stderr });
      const brokenOff = new AbortController();
      lines.once('SIGINT', () => brokenOff.abort());
      lines.once('close', () => brokenOff.abort());
      try {
        return (await lines.question(question, { signal: brokenOff.signal })).trim();
      } catch (error) {
        if (brokenOff.signal.aborted) return '';
        throw error;
      } finally {
        lines.close();
      }
    },
    redraw(line) {
      process.stderr.write(`\r\u001b[2K${line.slice(0, Math.max(20, process.stderr.columns - 1))}`);
    },
  };
}
