// Causeway itself: the local world with the example strategy as it is shipped, on the peers' PostgreSQL where that is installed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type OperatorView, openOperatorView } from '../../../infra/local/drill/operator-view.ts';
import { appDatabase } from '../../../infra/local/drill/recorded.ts';
import { awaitSteady } from '../../../infra/local/drill/steady.ts';
import { createStory, type Story } from '../../../infra/local/drill/story.ts';
import { postgresHome as npmPostgresHome } from '../../../infra/local/postgres-binaries.ts';
import type { ProcessGroup } from '../../../infra/local/process-group.ts';
import { startWorld, type World } from '../../../infra/local/world/world.ts';
import { systemClock } from '../../../shared/engine/system.ts';
import type { Action } from '../../../shared/model/scenario.ts';
import type { Contestant, Pair, StartOptions } from './contestant.ts';
import { postgresHome as debianPostgresHome } from './peer-site.ts';

export const causeway: Contestant = {
  name: 'Causeway',
  missing: () => null,
  versions: () => spawnSync(join(home(), 'bin', 'postgres'), ['--version'], { encoding: 'utf8' }).stdout.trim(),
  start,
};

/** The peers' server where it is there, so that all run on the same. */
function home(): string {
  return existsSync(join(debianPostgresHome, 'bin', 'postgres')) ? debianPostgresHome : npmPostgresHome();
}

async function start({ progress, keep }: StartOptions): Promise<Pair> {
  const story = createStory(systemClock);
  const world = await startWorld(
    {
      timings: [],
      capacity: { nodeStartSeconds: 20, podStartSeconds: 4 },
      // Durable, as the peers' servers are: the local world is usually not.
      postgres: { home: home(), settings: { fsync: 'on' } },
      onLine: (region, line) => void story.hear(region, line),
      onProgress: () => undefined,
    },
    keep,
  );
  try {
    const view = openOperatorView(world.plan, world.strategy);
    await view.prepare('aws');
    for (const region of ['witness', 'aws', 'gcp'] as const) await world.order(region, { kind: 'start-functions' });
    await awaitSteady(world.plan, view, () => undefined);
    return pairOf(world, view, story);
  } catch (error) {
    for (const line of story.troubles().slice(-10)) progress(line);
    await world.close();
    throw error;
  }
}

function pairOf(world: World, view: OperatorView, story: Story): Pair {
  const aws = (): ProcessGroup | undefined => world.groups().find(({ name }) => name === 'aws');
  const cut = async (): Promise<void> => {
    for (const wire of world.wires) if (/(^|>)aws[>:]/.test(wire.name)) wire.cut(['there', 'back']);
  };
  return {
    nodes: () => ({ first: appDatabase(world.plan, 'aws'), second: appDatabase(world.plan, 'gcp') }),
    killSite: () => world.lose('aws'),
    async killManager() {
      await world.order('aws', { kind: 'end-functions' });
      await world.order('aws', { kind: 'end-renewer' });
    },
    freeze: () => aws()?.pause(),
    thaw: () => aws()?.resume(),
    cut,
    async silence() {
      await cut();
      aws()?.pause();
    },
    story: async (failedAt) => tell(story, failedAt),
    async records() {
      const read = await view.register.read();
      return {
        authority: world.strategy.authority,
        run: story.runs().at(-1) ?? null,
        after: read.kind === 'value' ? read.value : null,
        heard: story.heard(),
      };
    },
    async stop() {
      await world.close();
    },
  };
}

/** When the run was opened and its two decisive steps were done, in seconds after the failure, and the promotion's own progress. */
function tell(story: Story, failedAt: Date): string[] {
  const run = story.runs().at(-1);
  if (!run) return [];
  const after = (at: string | null): string =>
    at === null ? 'not' : `${((Date.parse(at) - failedAt.getTime()) / 1000).toFixed(1)} s`;
  const endOf = (kind: Action['kind']): string =>
    after(run.steps.find((step) => step.action.kind === kind)?.endedAt ?? null);
  const promoting = story
    .heard()
    .flatMap((one) => (one.kind === 'said' && one.text.startsWith('promotion: ') ? [one.text.slice(11)] : []));
  return [
    `run opened ${after(run.openedAt)}, role taken ${endOf('take_authority')}, promoted ${endOf('promote_db')} after the failure`,
    `of the promotion: ${promoting.join(', ')}`,
  ];
}
