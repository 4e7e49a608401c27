// What a command may touch of the process that it runs in; tests bring their own.
import { readFileSync } from 'node:fs';
import picocolors from 'picocolors';

export type CliIo = {
  /** Writes text and a line end to standard output. */
  out(text: string): void;
  /** Writes text and a line end to standard error. */
  err(text: string): void;
  /** Sets the exit code and returns: the command then ends by itself. */
  exit(code: number): void;
  color: boolean;
  /** The file's text in UTF-8; throws what node:fs throws. */
  readFile(path: string): string;
  cwd: string;
};

/** The real thing. `exit` only sets `process.exitCode`, so that output is flushed and handles are closed in order. */
export function createProcessIo(): CliIo {
  return {
    out: (text) => {
      process.stdout.write(`${text}\n`);
    },
    err: (text) => {
      process.stderr.write(`${text}\n`);
    },
    exit: (code) => {
      process.exitCode = code;
    },
    color: picocolors.isColorSupported && process.stdout.isTTY === true,
    readFile: (path) => readFileSync(path, 'utf8'),
    cwd: process.cwd(),
  };
}
