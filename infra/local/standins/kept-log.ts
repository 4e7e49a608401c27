// What a storage stand-in has written, on disk, record by record: a bucket outlives the loss of its region's processes.
import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { dirname } from 'node:path';
import type * as z from 'zod';

export type KeptLog<T> = {
  /** All records, oldest first. Throws when a whole line is no record. */
  read(): T[];
  /** On disk, as far as the operating system goes, when it returns: call it before the client is answered. */
  append(record: T): void;
};

/** One JSON text a line; `file` null keeps nothing. A last line that was cut by a kill is taken off: nobody was told of that write. */
export function keepLog<T>(file: string | null, schema: z.ZodType<T>): KeptLog<T> {
  if (file === null) return { read: () => [], append: () => {} };
  mkdirSync(dirname(file), { recursive: true });
  return {
    read: () => {
      if (!existsSync(file)) return [];
      const bytes = readFileSync(file);
      const whole = bytes.lastIndexOf('\n') + 1;
      if (whole < bytes.length) truncateSync(file, whole);
      const lines = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
      return lines.map((line) => schema.parse(JSON.parse(line)));
    },
    append: (record) => appendFileSync(file, `${JSON.stringify(record)}\n`),
  };
}
