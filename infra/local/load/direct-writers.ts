// Clients that ignore DNS and write straight to every site's database all the time: what must never be accepted twice.

import type pg from 'pg';
import type { Chance, Clock } from '../../../shared/ports/clock.ts';
import { type DatabaseTarget, failureOf, messageOf, openPool } from '../app/query.ts';
import { createClosing } from '../closing.ts';
import type { DirectWrite } from './records.ts';

export type DirectWriters = {
  /** Every transaction that has ended so far. */
  records(): readonly DirectWrite[];
  /** Stops writing, and waits for answers under way as long as `answerSeconds` allows. */
  close(): Promise<void>;
};

export type DirectWritersOptions = {
  targets: { site: string; database: DatabaseTarget }[];
  /** Between two transactions of one target. */
  everySeconds: number;
  /** Share of transactions that wait between writing and COMMIT, and the longest that they wait. */
  hold: { fraction: number; seconds: number };
  /** For a connection and for each statement but COMMIT. */
  timeoutSeconds: number;
  /** For COMMIT: long, because a late acknowledgement is exactly what must not be missed. */
  answerSeconds: number;
  clock: Clock;
  chance: Chance;
};

/** Transactions of one target that may be under way at once; beyond it a turn is left out. */
const connectionsEach = 8;

/** Starts at once; a transaction that hangs does not hold back the next. */
export function startDirectWriters(options: DirectWritersOptions): DirectWriters {
  const records: DirectWrite[] = [];
  const closing = createClosing();
  const run = options.chance.id();
  const running = options.targets.map((target) => live(target, run, options, records, closing.signal));
  return {
    records: () => records,
    close: async () => {
      closing.abort();
      await Promise.all(running);
    },
  };
}

async function live(
  target: DirectWritersOptions['targets'][number],
  run: string,
  options: DirectWritersOptions,
  records: DirectWrite[],
  closing: AbortSignal,
): Promise<void> {
  // COMMIT has a time limit of its own, so the pool's limit for an answer is the longer of the two.
  const pool = openPool(target.database, connectionsEach, Math.max(options.timeoutSeconds, options.answerSeconds));
  const under = new Set<Promise<void>>();
  for (let number = 1; !closing.aborted; number += 1) {
    if (under.size < connectionsEach) {
      const marker = `${run}/${target.site}/${number}`;
      const one = write(pool, target.site, marker, options, closing)
        .then((record) => void records.push(record))
        .finally(() => under.delete(one));
      under.add(one);
    }
    await options.clock.sleep(options.everySeconds, closing);
  }
  await Promise.all(under);
  await pool.end();
}

async function write(
  pool: pg.Pool,
  site: string,
  marker: string,
  options: DirectWritersOptions,
  closing: AbortSignal,
): Promise<DirectWrite> {
  const { clock, chance, hold, timeoutSeconds } = options;
  const startedAtSeconds = clock.elapsedSeconds();
  let commitSentAtSeconds: number | null = null;
  const ended = (outcome: DirectWrite['outcome'], sqlState: string | null, because: string): DirectWrite => ({
    site,
    marker,
    startedAtSeconds,
    commitSentAtSeconds,
    endedAtSeconds: clock.elapsedSeconds(),
    outcome,
    sqlState,
    because,
  });
  let client: pg.PoolClient;
  try {
    client = await connect(pool, timeoutSeconds);
  } catch (error) {
    return ended('refused', null, `no connection: ${messageOf(error)}`);
  }
  // A connection that breaks between two statements is told by the next one.
  const ignore = (): void => undefined;
  client.on('error', ignore);
  let broken = true;
  try {
    await limited(client.query('BEGIN'), timeoutSeconds);
    const values = [marker, site];
    await limited(
      client.query('INSERT INTO shop.direct_writes (marker, written_to) VALUES ($1, $2)', values),
      timeoutSeconds,
    );
    if (chance.fraction() < hold.fraction) await clock.sleep(chance.fraction() * hold.seconds, closing);
    commitSentAtSeconds = clock.elapsedSeconds();
    await limited(client.query('COMMIT'), options.answerSeconds);
    broken = false;
    return ended('acknowledged', null, 'COMMIT was acknowledged');
  } catch (error) {
    const failure = failureOf(error);
    // Without a COMMIT sent, nothing can have been kept, whatever was lost.
    if (failure.kind === 'unknown' && commitSentAtSeconds !== null) return ended('unknown', null, failure.because);
    return ended('refused', failure.kind === 'refused' ? failure.sqlState : null, failure.because);
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

/** A connection that comes after we gave up on it goes back to the pool. */
async function connect(pool: pg.Pool, timeoutSeconds: number): Promise<pg.PoolClient> {
  const connecting = pool.connect();
  try {
    return await limited(connecting, timeoutSeconds);
  } catch (error) {
    connecting.then(
      (late) => late.release(),
      () => undefined,
    );
    throw error;
  }
}

async function limited<T>(work: Promise<T>, seconds: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
