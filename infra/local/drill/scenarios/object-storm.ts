// Users write and remove the same objects at both sides at once, while events go astray and functions are killed: both sides end equal.
import { systemChance } from '../../../../shared/engine/system.ts';
import { judgeObjective } from '../../report/report.ts';
import type { DrillScenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';
import { createLedger } from '../storm/ledger.ts';
import { openStormView, type StormView } from '../storm/open-buckets.ts';
import { type Proof, prove } from '../storm/proof.ts';
import { type StormSize, storm } from '../storm/users.ts';

const usual: StormSize = {
  deeds: 3000,
  keys: 400,
  largeKeys: 6,
  largeBytes: 9 * 1024 * 1024,
  usersAtOnce: 12,
  windowedOneIn: 6,
};
/** Longer than the longest window of the storm's keys, and than what a killed function held. */
const drainWithinSeconds = 300;
const killEverySeconds = 6;

export const objectStorm: DrillScenario = stormOf(usual);

/** The same with another size, for a machine or a test that has less time. */
export function stormOf(size: StormSize): DrillScenario {
  return {
    name: 'object-storm',
    summary:
      'thousands of objects are written and removed on both sides at once; events are lost, doubled and late, functions killed',
    proves: 'both buckets end equal, with the winners that the rule says, nothing lost and no write too many',
    expects: { writerAfter: 'aws', epochs: 0, runs: [], service: 'stays', losesNothing: true },
    objects: { lossFraction: 0.03, doubleFraction: 0.15, delaySeconds: 2, tickSeconds: 8 },
    async story(stage) {
      const view = await openStormView(stage.world);
      const ledger = createLedger();
      const over = new AbortController();
      const killing = killNowAndThen(stage, over.signal);
      await stage.fail('witness', `a storm of ${size.deeds} writes and removals begins at both sides`, () =>
        storm(view.buckets, size, systemChance, ledger),
      );
      over.abort();
      const killed = await killing;
      await untilDrained(stage, view);
      await reconcile(stage);
      const proof = await prove(view.buckets, ledger.deeds(), unheardRemovals(stage));
      demandProof(stage, proof, ledger.deeds().filter(({ kind }) => kind === 'written').length);
      const { dead } = await view.waiting();
      stage.demand(judgeObjective('dead letters', 'count', 0, dead));
      await stage.pass(5);
      const after = await prove(view.buckets, ledger.deeds(), unheardRemovals(stage));
      const more = after.replicaWrites - proof.replicaWrites;
      stage.demand(judgeObjective('writes of ours once both sides were equal', 'count', 0, more));
      stage.note('functions killed in the middle of their work', `${killed} times`);
      noteLag(stage);
    },
  };
}

async function killNowAndThen(stage: Stage, signal: AbortSignal): Promise<number> {
  let killed = 0;
  for (;;) {
    for (let waited = 0; waited < killEverySeconds && !signal.aborted; waited += 0.5) await stage.pass(0.5);
    if (signal.aborted) return killed;
    const site = killed % 2 === 0 ? 'aws' : 'gcp';
    await stage.act(site, `the functions of ${site} that replicate objects are killed`, () =>
      stage.world.order(site, { kind: 'kill-object-functions' }),
    );
    killed += 1;
  }
}

/** Keys of which the event of a removal was lost. */
function unheardRemovals(stage: Stage): Set<string> {
  return new Set(stage.story.heard().flatMap((one) => (one.kind === 'lost-event' && one.removal ? [one.key] : [])));
}

/** Events that were lost are in no queue: the comparison finds their keys. */
async function untilDrained(stage: Stage, view: StormView): Promise<void> {
  let queued: number | null = null;
  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      queued = (await view.waiting()).queued;
      await stage.pass(1);
    }
  })();
  try {
    await stage.until('no event and no key waits any more', drainWithinSeconds, () => queued === 0);
  } finally {
    over.abort();
    await looking;
  }
}

async function reconcile(stage: Stage): Promise<void> {
  const synced = await stage.operator('objects', 'sync', '--yes');
  stage.note('what `causeway objects sync` did', lastLine(synced.out) || lastLine(synced.err));
  stage.demand(judgeObjective('exit code of the comparison', 'count', 0, synced.code));
}

function demandProof(stage: Stage, proof: Proof, written: number): void {
  const { unequal, wrong, lost } = proof;
  stage.note('objects compared byte for byte', `${proof.keys} with ${proof.bytes} bytes`);
  stage.note('brought back by a copy under way, the event of their removal being lost', String(proof.broughtBack));
  stage.note('versions kept aside', String(proof.keptAside));
  stage.note('writes of ours for acknowledged ones', `${proof.replicaWrites} for ${written}`);
  for (const [name, found] of Object.entries({ unequal, wrong, lost })) {
    if (found.length > 0) stage.note(`${name} (the first of ${found.length})`, found.slice(0, 5).join('; '));
  }
  stage.demand(judgeObjective('objects that differ between the sides', 'count', 0, unequal.length));
  stage.demand(judgeObjective('objects whose winner is not what the rule says', 'count', 0, wrong.length));
  stage.demand(judgeObjective('acknowledged versions that are lost', 'count', 0, lost.length));
  stage.demand(judgeObjective('writes of ours, each for one acknowledged', 'count', written, proof.replicaWrites));
}

function noteLag(stage: Stage): void {
  const lags = stage.story
    .heard()
    .flatMap((one) =>
      one.kind === 'object' && one.did === 'copied' && one.tier === 'critical_assets' ? [one.lagSeconds] : [],
    )
    .sort((one, other) => one - other);
  const at = (share: number) => lags[Math.min(lags.length - 1, Math.floor(lags.length * share))];
  const text = (seconds: number | undefined) => (seconds === undefined ? 'not measured' : `${seconds.toFixed(2)} s`);
  stage.note(
    'from the event to the replica, on the event',
    `p50 ${text(at(0.5))}, p99 ${text(at(0.99))} of ${lags.length}`,
  );
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
