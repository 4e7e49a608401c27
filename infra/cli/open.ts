// Opening an estate for a command: the strategy, both clouds, the stores and the register. Nothing is called while this is put together.
import { openAws } from '../../aws/adapters/open-aws.ts';
import { openGoogle } from '../../gcp/adapters/open-google.ts';
import type { Register } from '../../shared/authority/register.ts';
import type { Config } from '../../shared/config.ts';
import type { Log } from '../../shared/engine/log.ts';
import { createSituationRegister } from '../../shared/engine/situation-register.ts';
import { surround } from '../../shared/engine/surround.ts';
import type { Surroundings } from '../../shared/engine/surroundings.ts';
import { createWitnessKeys } from '../../shared/engine/witness-keys.ts';
import type { Situation } from '../../shared/model/situation.ts';
import type { Site, Strategy } from '../../shared/model/strategy.ts';
import type { KeyQueue } from '../../shared/ports/key-queue.ts';
import type { ObjectBucket } from '../../shared/ports/object-bucket.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import { type Place, readConfig, readStrategy, witnessCredentials } from './config.ts';
import type { Terminal } from './terminal.ts';

export type Estate = {
  strategy: Strategy;
  config: Config;
  around: Omit<Surroundings, 'incarnation'>;
  /** Each store beside what the strategy declares of it. */
  stores: { declared: Strategy['authority']['stores'][number]; store: ObjectStore }[];
  register: Register<Situation>;
  /** The secret store of a site, which need not be the one that this command stands at. */
  secretsOf: (site: Site) => Promise<Secrets>;
  /** A bucket at a site that holds small records, such as the days of a bill. */
  recordBucket: (site: Site, bucket: string) => ObjectStore;
  /** A bucket of the users' objects at a site. */
  objectBucket: (site: Site, bucket: string) => Promise<ObjectBucket>;
  /** A queue of keys at a site, by its name as `shared/model/object-queues.ts` gives it. */
  keyQueue: (site: Site, name: string) => Promise<KeyQueue>;
  /** Names this process among proposers and appenders. */
  incarnation: string;
};

/** Throws when the strategy or the environment is not usable. */
export function openEstate(terminal: Terminal, place: Place, log: Log = () => undefined): Estate {
  const { env, io, clock, chance } = terminal;
  const strategy = readStrategy(env, io, place);
  const config = readConfig(env, strategy, place);
  const say = (sentence: string) => log('INFO', sentence);
  const { witnessSecret } = config;
  const secretKeys = witnessSecret === null ? null : createWitnessKeys(witnessSecret, () => opened.secrets);
  const clouds = {
    aws: openAws({
      credentials: null,
      witnessCredentials: witnessCredentials(env) ?? secretKeys,
      s3Endpoint: config.s3Endpoint,
      route53Endpoint: null,
      say,
      now: clock.now,
    }),
    gcp: openGoogle({ ...config.google, say, now: clock.now }),
  };
  const opened = surround(config, strategy, clouds, log);
  const around = { ...opened, clock, chance };
  const incarnation = chance.id().slice(0, 8);
  return {
    strategy,
    config,
    around,
    stores: strategy.authority.stores.map((declared) => ({
      declared,
      store: storeNamed(around.stores, declared.name),
    })),
    register: createSituationRegister([...around.stores.values()], `operator-${incarnation}`, clock, chance),
    secretsOf: (site) => clouds[site.provider].secrets(site),
    recordBucket: (site, bucket) => clouds[site.provider].bucket(bucket, site.region),
    objectBucket: (site, bucket) => clouds[site.provider].objectBucket(site, bucket),
    keyQueue: (site, name) => clouds[site.provider].keyQueue(site, name),
    incarnation,
  };
}

/** The stores that the journal is kept in: those beside a site. */
export function journalStores({ stores }: Estate): ObjectStore[] {
  return stores.filter(({ declared }) => declared.site !== null).map(({ store }) => store);
}

/** Every lookout by its name, each site's keeper among them, with the store that it puts its bulletin into. */
export function lookoutStores({ strategy, around, stores }: Estate): { name: string; store: ObjectStore }[] {
  return [
    ...strategy.sites.flatMap(({ name }) =>
      stores.filter(({ declared }) => declared.site === name).map(({ store }) => ({ name, store })),
    ),
    ...strategy.lookouts.map(({ name, store }) => ({ name, store: storeNamed(around.stores, store) })),
  ];
}

function storeNamed(stores: Map<string, ObjectStore>, name: string): ObjectStore {
  const store = stores.get(name);
  if (!store) throw new Error(`the strategy declares no store "${name}": it declares ${[...stores.keys()].join(', ')}`);
  return store;
}
