// A site's database behind all of its ports, over one kept connection for the beat and others for the rare and long work.
import type { Clock } from '../ports/clock.ts';
import type { DatabaseHealth, Fencing, LeaseGuard, Promotion } from '../ports/database.ts';
import type { DatabaseReadiness } from '../ports/database-readiness.ts';
import { createPostgresFencing } from './fencing.ts';
import { createPostgresHealth } from './health.ts';
import { createKeptSession } from './kept-session.ts';
import { createPostgresLeaseGuard } from './lease-guard.ts';
import { createLogicalPromotion, type PromotionOptions } from './promotion.ts';
import { createPostgresReadiness } from './readiness.ts';
import type { PgConnect } from './session.ts';
import { createStillness } from './stillness.ts';
import { createPostgresSweep, type Sweep } from './sweep.ts';

export type PostgresDatabaseOptions = PromotionOptions & {
  /** How long a beat's statement may take; shorter than the beat, or one slow answer costs two. */
  statementSeconds: number;
};

export type PostgresDatabase = {
  guard: LeaseGuard;
  fencing: Fencing;
  health: DatabaseHealth;
  promotion: Promotion;
  sweep: Sweep;
  readiness: DatabaseReadiness;
  close(): Promise<void>;
};

/** Connects at the first call; a call after a failure connects again. */
export function createPostgresDatabase(
  connect: PgConnect,
  clock: Clock,
  options: PostgresDatabaseOptions,
): PostgresDatabase {
  const kept = createKeptSession(connect, { statementSeconds: options.statementSeconds }, clock);
  const stillness = createStillness(clock);
  return {
    guard: createPostgresLeaseGuard(kept),
    fencing: createPostgresFencing(connect, clock),
    health: createPostgresHealth(kept, stillness, options.subscription),
    promotion: createLogicalPromotion(connect, clock, stillness, options),
    sweep: createPostgresSweep(connect, clock),
    readiness: createPostgresReadiness(connect, options),
    close: () => kept.close(),
  };
}
