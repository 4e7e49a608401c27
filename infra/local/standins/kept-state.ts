// A stand-in's state on disk, so that a control plane that was killed with its region comes back with what it knew.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type * as z from 'zod';

export type KeptState<T> = {
  /** Null: nothing kept yet. Throws when the file holds something else. */
  read(): T | null;
  write(state: T): void;
};

/** `file` null keeps nothing. A write is whole or not at all, whenever the process is killed. */
export function keepState<T>(file: string | null, schema: z.ZodType<T>): KeptState<T> {
  return {
    read: () => (file !== null && existsSync(file) ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : null),
    write: (state) => {
      if (file === null) return;
      writeFileSync(`${file}.new`, JSON.stringify(state));
      renameSync(`${file}.new`, file);
    },
  };
}
