// The fake database against the same contracts as PostgreSQL, and the misfortunes that only it can have.
import { describe, expect, it } from 'vitest';
import { DatabaseUnavailable } from '../../shared/ports/database.ts';
import { databaseReadinessContract } from '../contract/database-readiness.ts';
import { fencingContract } from '../contract/fencing.ts';
import { followingContract } from '../contract/following.ts';
import { leaseGuardContract } from '../contract/lease-guard.ts';
import { promotionContract } from '../contract/promotion.ts';
import { createFakeDatabase } from './fake-database.ts';
import { guardedFakeWorld, pairFakeWorld, replicatedFakeWorld } from './fake-world.ts';
import { createManualClock } from './manual-clock.ts';

leaseGuardContract('fake', async () => guardedFakeWorld());
fencingContract('fake', async () => guardedFakeWorld());
promotionContract('fake', async () => replicatedFakeWorld());
followingContract('fake', async () => pairFakeWorld());
databaseReadinessContract('fake', async () => replicatedFakeWorld());

describe('the fake database', () => {
  it('tells a call that did not happen from one whose answer was lost only by looking again', async () => {
    const database = createFakeDatabase({ name: 'fake', clock: createManualClock() });
    const { clock } = await database.guard.beat(1);
    database.setTrouble('unreachable');
    await expect(database.guard.open(1, 1, clock, 20)).rejects.toThrow(DatabaseUnavailable);
    database.setTrouble(null);
    expect((await database.guard.state()).epoch).toBe(0);
    database.setTrouble('answers-lost');
    await expect(database.guard.open(1, 1, clock, 20)).rejects.toThrow(DatabaseUnavailable);
    database.setTrouble(null);
    expect((await database.guard.state()).epoch).toBe(1);
  });
});
