// One round: a pair comes up, clients write to both nodes, the first site is struck, and what the clients saw is measured.
import { setTimeout as sleep } from 'node:timers/promises';
import { openPool, runQuery } from '../../../infra/local/app/query.ts';
import { startDirectWriters } from '../../../infra/local/load/direct-writers.ts';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import type { FailoverCase } from './cases.ts';
import type { Contestant, NodeName, Pair, StartOptions } from './contestant.ts';
import { startLoad } from './load.ts';
import { measureRound, type RoundMeasures } from './measure.ts';
import { type FailoverParts, partsOf } from './parts.ts';

/** `parts` is null for who records none, without a takeover, and where more than a loss is waited for. */
type Told = { story: string[]; parts: FailoverParts | null };

export type Round = RoundMeasures & Told & { contestant: string; case: string };

/** Writers have run for this long before the strike, and by chance for up to as long again: managers look in rounds of their own. */
const beforeSeconds = 5;
const byChanceSeconds = 10;
/** A takeover that has not come by then does not come. */
const takeoverWithinSeconds = 120;

/** Throws when the pair does not come up, or no write was acknowledged before the strike; nothing is left behind then either. */
export async function runRound(contestant: Contestant, what: FailoverCase, options: StartOptions): Promise<Round> {
  const pair = await contestant.start(options);
  try {
    return { contestant: contestant.name, case: what.name, ...(await strikeAndMeasure(pair, what)) };
  } finally {
    await pair.stop();
  }
}

async function strikeAndMeasure(pair: Pair, what: FailoverCase): Promise<RoundMeasures & Told> {
  const nodes = pair.nodes();
  const writers = startDirectWriters({
    targets: [
      { site: 'first', database: nodes.first },
      { site: 'second', database: nodes.second },
    ],
    everySeconds: 0.1,
    hold: { fraction: 0, seconds: 0 },
    timeoutSeconds: 2,
    answerSeconds: 10,
    clock: systemClock,
    chance: systemChance,
  });
  const load = startLoad(nodes, what.loadConnections);
  await systemClock.sleep(beforeSeconds + systemChance.fraction() * byChanceSeconds);
  const failedAt = systemClock.now();
  const failedAtSeconds = systemClock.elapsedSeconds();
  await what.strike(pair);
  const tookOver = (): boolean =>
    writers.records().some((one) => one.site === 'second' && one.outcome === 'acknowledged');
  while (!tookOver() && systemClock.elapsedSeconds() < failedAtSeconds + takeoverWithinSeconds) await sleep(50);
  if (tookOver()) {
    if (what.afterwards) {
      await systemClock.sleep(what.afterwards.afterSeconds);
      what.afterwards.act(pair);
    }
    await systemClock.sleep(what.watchSeconds);
  }
  const endedAtSeconds = systemClock.elapsedSeconds();
  await Promise.all([writers.close(), load.close()]);
  const [first, second] = await Promise.all([markersOf(pair, 'first'), markersOf(pair, 'second')]);
  const records = [...writers.records(), ...load.records()];
  const measured = measureRound({ records, failedAtSeconds, endedAtSeconds, present: { first, second } });
  const kept = what.isLoss && measured.takeoverSeconds !== null ? await pair.records() : null;
  const parts = kept && measured.takeoverSeconds !== null ? partsOf(kept, failedAt, measured.takeoverSeconds) : null;
  return { ...measured, parts, story: await pair.story(failedAt) };
}

/** Null when the node cannot be read. */
async function markersOf(pair: Pair, node: NodeName): Promise<Set<string> | null> {
  const pool = openPool(pair.nodes()[node], 1, 5);
  try {
    const answer = await runQuery(pool, 'SELECT marker FROM shop.direct_writes', []);
    return answer.kind === 'rows' ? new Set(answer.rows.map((row) => String(row.marker))) : null;
  } finally {
    await pool.end();
  }
}
