// The pool to whichever database the writer name leads to now; another takes its place when the name moves.
import type pg from 'pg';
import { type DatabaseTarget, messageOf, openPool } from './query.ts';

/** Where the writer name leads: an address and the port of the database there. */
export type WriterAddress = { host: string; port: number };

export type WriterPool = {
  /** The writer's address now. Throws when the name does not answer within the time. */
  address(): Promise<WriterAddress>;
  /** The pool to that address. */
  at(address: WriterAddress): pg.Pool;
  close(): Promise<void>;
};

export type WriterPoolOptions = {
  resolve(): Promise<WriterAddress>;
  credentials: Omit<DatabaseTarget, 'host' | 'port'>;
  size: number;
  timeoutSeconds: number;
};

export function createWriterPool(options: WriterPoolOptions): WriterPool {
  let current: { address: WriterAddress; pool: pg.Pool } | null = null;
  // Pools left behind end by themselves once their last statement has; closing waits for them.
  const leaving = new Set<Promise<void>>();
  const leave = (pool: pg.Pool): void => {
    const ending = pool.end().finally(() => leaving.delete(ending));
    leaving.add(ending);
  };
  return {
    address: () => within(options.resolve(), options.timeoutSeconds),
    at: (address) => {
      if (current && sameAddress(current.address, address)) return current.pool;
      if (current) leave(current.pool);
      const pool = openPool({ ...options.credentials, ...address }, options.size, options.timeoutSeconds);
      current = { address, pool };
      return pool;
    },
    close: async () => {
      if (current) leave(current.pool);
      current = null;
      await Promise.all(leaving);
    },
  };
}

export function sameAddress(one: WriterAddress, other: WriterAddress): boolean {
  return one.host === other.host && one.port === other.port;
}

async function within<T>(work: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the writer name gave no answer within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } catch (cause) {
    throw new Error(`no writer to be found: ${messageOf(cause)}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
