// The port `LeaseGuard` over PostgreSQL: every rule is the database's own, in the functions of sql/lease.ts.
import * as z from 'zod';
import { Heartbeat } from '../model/situation.ts';
import { EpochOver, type LeaseGuard } from '../ports/database.ts';
import type { KeptSession } from './kept-session.ts';
import { oneValue } from './rows.ts';

const State = z.object({
  epoch: z.int(),
  renewal: z.int(),
  open: z.boolean(),
  remainingSeconds: z.number(),
  fencedEpoch: z.int(),
});

const Beaten = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('beaten'), clock: z.string(), heartbeat: Heartbeat }),
  z.object({ kind: z.literal('over'), because: z.string() }),
]);

const Answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('set'), remainingSeconds: z.number() }),
  z.object({ kind: z.literal('refused'), because: z.string() }),
]);

/** The keeper's hold on its own database. A guard that was never armed is open with nothing left of it. */
export function createPostgresLeaseGuard(kept: KeptSession): LeaseGuard {
  return {
    state: () =>
      kept.use('read the guard', async (session) =>
        State.parse(oneValue(await session.rows('select causeway.state() as value'))),
      ),
    beat: async (epoch) => {
      const beaten = await kept.use(`write a heartbeat of epoch ${epoch}`, async (session) =>
        Beaten.parse(oneValue(await session.rows('select causeway.beat($1) as value', [epoch]))),
      );
      if (beaten.kind === 'over') throw new EpochOver(`no heartbeat of epoch ${epoch}: ${beaten.because}`);
      return { clock: beaten.clock, heartbeat: beaten.heartbeat };
    },
    renew: (...lease) =>
      kept.use(`renew epoch ${lease[0]}`, async (session) =>
        Answer.parse(oneValue(await session.rows('select causeway.renew($1, $2, $3, $4) as value', lease))),
      ),
    open: (...lease) =>
      kept.use(`open the guard at epoch ${lease[0]}`, async (session) =>
        Answer.parse(oneValue(await session.rows('select causeway.open($1, $2, $3, $4) as value', lease))),
      ),
  };
}
