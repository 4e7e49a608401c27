// What a cold start reads: no function may load a heavy SDK before it needs it. A static import that sneaks in fails here.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleFunctions } from '../infra/local/runtimes/bundle.ts';
import { clouds, entriesOf, root } from './bench/entries.ts';

const heavy = [
  '@google-cloud/sql',
  '@google-cloud/container',
  '@google-cloud/pubsub',
  '@kubernetes/client-node',
  '@aws-sdk/client-eks',
  '@aws-sdk/client-rds',
  '@aws-sdk/client-sqs',
];
/** What only functions about costs ever need. */
const heavyOfCosts = ['@aws-sdk/client-cost-explorer', '@google-cloud/bigquery'];

const heavyIn = (modules: string[]) =>
  [...heavy, ...heavyOfCosts].filter((name) => modules.some((module) => module.includes(`node_modules/${name}/`)));

/** Bundling 14 MB of SDKs is a few seconds of work, and more beside the databases of other tests. */
const patienceMilliseconds = 120_000;

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-start-set-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function below(name: string): string {
  const folder = join(directory, name);
  mkdirSync(folder);
  return folder;
}

it(
  'loads no heavy SDK before a first event, and can load each later',
  async () => {
    const entries = clouds.flatMap((cloud) =>
      entriesOf(cloud).map(({ name, path }) => ({ name: `${cloud}-${name}`, path })),
    );
    const hot = clouds.flatMap((cloud) =>
      ['alarm', 'beat', 'cost', 'lag', 'object', 'objects-compare', 'objects-tick', 'operator'].map(
        (name) => `${cloud}-on-${name}`,
      ),
    );
    expect(entries.map(({ name }) => name)).toEqual(expect.arrayContaining(hot));
    for (const { name, startModules, lazyModules } of await bundleFunctions(entries, below('functions'))) {
      const sneaked = heavyIn(startModules);
      const mend = `${name} loads ${sneaked.join(', ')} at its start: find the static import, and make it \`await import(...)\` where it is needed`;
      expect(sneaked, mend).toEqual([]);
      const own = name.startsWith('aws-') ? '@aws-sdk/client-cost-explorer' : '@google-cloud/bigquery';
      const later = name.endsWith('-on-cost') ? [...heavy, own] : heavy;
      expect(heavyIn(lazyModules), `what ${name} can load later`).toEqual(later);
    }
  },
  patienceMilliseconds,
);

it(
  'keeps failing over, replicating objects and looking at costs apart: none loads another at its start',
  async () => {
    const entries = clouds.flatMap((cloud) =>
      entriesOf(cloud).map(({ name, path }) => ({ name: `${cloud}-${name}`, path })),
    );
    for (const { name, startModules } of await bundleFunctions(entries, below('apart'))) {
      const failover = ['shared/engine/compose.ts', 'shared/authority/register.ts', 'node_modules/pg/'];
      const objects = ['shared/objects/replicate.ts', 'shared/engine/wire-objects.ts'];
      const costs = ['shared/cost/snapshot/snapshot.ts', 'shared/engine/wire-costs.ts'];
      const others = name.includes('-on-object')
        ? [...failover, ...costs]
        : name.endsWith('-on-cost')
          ? [...failover, ...objects, 'shared/cost/watch/watch.ts']
          : [...objects, ...costs];
      const loaded = others.filter((other) => startModules.some((module) => module.includes(other)));
      expect(loaded, `what ${name} loads at its start of what it never does`).toEqual([]);
    }
  },
  patienceMilliseconds,
);

it(
  'would notice: a static import stands among what a cold start reads',
  async () => {
    const path = join(directory, 'careless.ts');
    const from = `${root}node_modules/@aws-sdk/client-rds`;
    writeFileSync(path, `import { RDSClient } from '${from}'; export const client = new RDSClient();`);
    const [careless] = await bundleFunctions([{ name: 'careless', path }], below('careless'));
    expect(heavyIn(careless?.startModules ?? [])).toEqual(['@aws-sdk/client-rds']);
    expect(heavyIn(careless?.lazyModules ?? [])).toEqual([]);
  },
  patienceMilliseconds,
);
