// The port `DatabaseHealth` over PostgreSQL: a real write and read, and what replication has applied.
import * as z from 'zod';
import { Heartbeat } from '../model/situation.ts';
import { type DatabaseHealth, DatabaseUnavailable, type StandbyState } from '../ports/database.ts';
import type { KeptSession } from './kept-session.ts';
import { SUBSCRIPTION } from './replication.ts';
import { oneValue } from './rows.ts';
import type { Session } from './session.ts';
import type { Stillness } from './stillness.ts';

const Count = z.coerce.number().int();

const WRITE_PROBE = `
insert into causeway.probe (prober) values ('keeper')
  on conflict (prober) do update set number = probe.number + 1, written_at = clock_timestamp() returning number as value`;

/** What a standby's replication looks like, with the two facts that only draining needs. */
export const Replicating = z.object({
  applied: Heartbeat.nullable(),
  applying: z.boolean(),
  subscriptionEnabled: z.boolean(),
  /** A worker is inside a transaction that it is applying, or a physical replica has received more than it has replayed. */
  busy: z.boolean(),
  received: z.string().nullable(),
});
export type Replicating = z.infer<typeof Replicating>;

// Its own rows say nothing of replication; a physical replica has no rows of its own.
const REPLICATING = `
select jsonb_build_object(
  'applied', (select causeway.heartbeat_json(h) from causeway.heartbeat h, causeway.lease l
    where h.origin <> l.origin or pg_is_in_recovery() order by h.epoch desc, h.number desc limit 1),
  'applying', exists (select from pg_stat_subscription where subid = ${SUBSCRIPTION} and pid is not null)
    or exists (select from pg_stat_wal_receiver where pid is not null),
  'subscriptionEnabled', coalesce((select subenabled from pg_subscription where oid = ${SUBSCRIPTION}), pg_is_in_recovery()),
  'busy', exists (select from pg_stat_subscription s join pg_locks k using (pid) where s.subid = ${SUBSCRIPTION} and k.locktype = 'transactionid')
    or coalesce(pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn(), false),
  'received', (select max(coalesce(received_lsn, latest_end_lsn))::text from pg_stat_subscription where subid = ${SUBSCRIPTION})
) as value`;

/** Reads it through any session of the keeper. */
export async function readReplicating(session: Session, subscription: string): Promise<Replicating> {
  return Replicating.parse(oneValue(await session.rows(REPLICATING, [subscription])));
}

export function standbyStateOf({ applied, applying, subscriptionEnabled }: Replicating): StandbyState {
  return { applied, applying, subscriptionEnabled };
}

export function createPostgresHealth(kept: KeptSession, stillness: Stillness, subscription: string): DatabaseHealth {
  return {
    probe: () =>
      kept.use('write to causeway.probe', async (session) => {
        const written = Count.parse(oneValue(await session.rows(WRITE_PROBE)));
        const read = Count.parse(
          oneValue(await session.rows("select number as value from causeway.probe where prober = 'keeper'")),
        );
        if (read < written) throw new DatabaseUnavailable(`wrote ${written} to causeway.probe and read ${read}`);
      }),
    standby: () =>
      kept.use('read the state of replication', async (session) => {
        const seen = await readReplicating(session, subscription);
        stillness.note(seen);
        return standbyStateOf(seen);
      }),
  };
}
