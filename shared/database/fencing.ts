// The port `Fencing` over PostgreSQL: shut, end, roll back, prove, and only then say so.
import * as z from 'zod';
import { Heartbeat } from '../model/situation.ts';
import type { Clock } from '../ports/clock.ts';
import { DatabaseUnavailable, type Fencing } from '../ports/database.ts';
import { quoteIdentifier, quoteLiteral } from './quote.ts';
import { oneValue } from './rows.ts';
import { type PgConnect, type Session, sentence, withSession } from './session.ts';
import { OPEN_TRANSACTIONS } from './sql/fence.ts';

const Shut = z.object({ kind: z.enum(['shut', 'sealed', 'passed', 'observing']) });
const Sealed = z.object({ heartbeat: Heartbeat.nullable(), lsn: z.string() });
const OpenTransaction = z.object({ pid: z.int(), id: z.string(), role: z.string(), application: z.string() });
type OpenTransaction = z.infer<typeof OpenTransaction>;
const Prepared = z.object({ gid: z.string(), owner: z.string() });

const POLL_SECONDS = 0.05;

/** What stands in the way of a fence: who, and what would end it. */
type Obstacle = string;

/**
 * Fences in the order that makes it safe. The guard is shut first, so nobody new can pass; then the transactions that were open at that
 * moment are ended; then a lock that every writer holds to its end is taken, which proves that none is left.
 */
export function createPostgresFencing(connect: PgConnect, clock: Clock): Fencing {
  return {
    fence: (epoch, deadlineSeconds) =>
      withSession(connect, `fence epoch ${epoch}`, { statementSeconds: 5 }, async (session) => {
        const deadline = clock.elapsedSeconds() + deadlineSeconds;
        const { kind } = Shut.parse(oneValue(await session.rows('select causeway.shut($1) as value', [epoch])));
        if (kind === 'observing') {
          throw new DatabaseUnavailable(
            `could not fence epoch ${epoch}: the guard here only observes; run db install --mode enforce, or stop the instance`,
          );
        }
        const ended = kind === 'shut' ? await endWriters(session, clock, deadline, deadlineSeconds) : NOBODY;
        const sealed = Sealed.parse(oneValue(await session.rows('select causeway.seal($1) as value', [epoch])));
        return { ...sealed, ...ended };
      }),
  };
}

const NOBODY = { endedBackends: 0, rolledBackPrepared: 0 };

async function endWriters(session: Session, clock: Clock, deadline: number, deadlineSeconds: number) {
  const before = await openTransactions(session);
  const ended = new Set<number>();
  let rolledBackPrepared = 0;
  for (;;) {
    const obstacles: Obstacle[] = [];
    const left = (await openTransactions(session)).filter(({ id }) => before.some((one) => one.id === id));
    for (const transaction of left) {
      const outcome = await endBackend(session, transaction.pid);
      if (outcome === 'ended') ended.add(transaction.pid);
      obstacles.push(describe(transaction, outcome));
    }
    const prepared = await rollBackPrepared(session);
    rolledBackPrepared += prepared.rolledBack;
    obstacles.push(...prepared.obstacles);
    if (left.length === 0 && (await provenQuiet(session))) return { endedBackends: ended.size, rolledBackPrepared };
    if (clock.elapsedSeconds() > deadline) {
      throw new DatabaseUnavailable(
        `the guard is shut, but after ${deadlineSeconds} s a transaction from before may still commit: ` +
          `${obstacles.join('; ') || 'somebody holds a lock on causeway.writing'}`,
      );
    }
    await clock.sleep(POLL_SECONDS);
  }
}

async function openTransactions(session: Session): Promise<OpenTransaction[]> {
  return z.array(OpenTransaction).parse(await session.rows(OPEN_TRANSACTIONS));
}

async function endBackend(session: Session, pid: number): Promise<string> {
  return z.string().parse(oneValue(await session.rows('select causeway.end_backend($1) as value', [pid])));
}

function describe(transaction: OpenTransaction, outcome: string): Obstacle {
  const who = `backend ${transaction.pid} of role ${transaction.role} ${transaction.application}`.trim();
  return outcome === 'not-allowed' ? `${who}: not allowed to end it, grant pg_signal_backend to the keeper` : who;
}

async function provenQuiet(session: Session): Promise<boolean> {
  return z.boolean().parse(oneValue(await session.rows('select causeway.prove_quiet() as value')));
}

/** Only its owner may roll a prepared transaction back: the keeper is a member of every owner, and takes the role for it. */
async function rollBackPrepared(session: Session): Promise<{ rolledBack: number; obstacles: Obstacle[] }> {
  const found = z
    .array(Prepared)
    .parse(await session.rows('select gid, owner from pg_prepared_xacts where database = current_database()'));
  const obstacles: Obstacle[] = [];
  for (const { gid, owner } of found) {
    try {
      await session.rows(`set role ${quoteIdentifier(owner)}`);
      await session.rows(`rollback prepared ${quoteLiteral(gid)}`);
    } catch (error) {
      obstacles.push(`prepared transaction ${gid} of role ${owner}: ${sentence(error)}`);
    } finally {
      await session.rows('reset role');
    }
  }
  return { rolledBack: found.length - obstacles.length, obstacles };
}
