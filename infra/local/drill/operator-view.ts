// What the drill itself sees and does as an operator: the register, the stores, the zones, straight from outside.

import { openAws } from '../../../aws/adapters/open-aws.ts';
import { createRoute53Client } from '../../../aws/adapters/route53-client.ts';
import { createRoute53HealthChecks } from '../../../aws/adapters/route53-health-checks.ts';
import { openGoogle } from '../../../gcp/adapters/open-google.ts';
import type { Register } from '../../../shared/authority/register.ts';
import { initialise } from '../../../shared/authority/situation-changes.ts';
import { type BulletinBoard, createBulletinBoard } from '../../../shared/engine/bulletin-board.ts';
import { createSituationRegister } from '../../../shared/engine/situation-register.ts';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import type { Strategy } from '../../../shared/model/strategy.ts';
import { siteOf } from '../../../shared/model/strategy.ts';
import { createBeacon } from '../../../shared/traffic/beacon.ts';
import { compileTraffic } from '../../../shared/traffic/compile.ts';
import { beaconPlace, publishTraffic } from '../../../shared/traffic/publish.ts';
import { createResolver } from '../../../shared/traffic/resolver.ts';
import { verifyTraffic } from '../../../shared/traffic/verify.ts';
import { ports, secrets, seenFrom, type WorldPlan } from '../world/plan.ts';

export type OperatorView = {
  register: Register<Situation>;
  board: BulletinBoard;
  /** Writes the first situation and publishes beacons, health checks and records of both zones. */
  prepare(writer: string): Promise<void>;
};

const prepareWithinSeconds = 60;

export function openOperatorView(plan: WorldPlan, strategy: Strategy): OperatorView {
  const at = (to: 'aws' | 'gcp', port: number) => `http://${seenFrom(plan.net, 'witness', to, 'api')}:${port}`;
  const credentials = { accessKeyId: secrets.accessKeyId, secretAccessKey: secrets.secretAccessKey };
  const say = () => undefined;
  const route53 = { endpoint: at('aws', ports.dnsApi), credentials };
  const aws = openAws({
    credentials,
    witnessCredentials: null,
    s3Endpoint: at('aws', ports.store),
    route53Endpoint: route53.endpoint,
    say,
    now: systemClock.now,
  });
  const google = openGoogle({
    project: 'gopro-prod',
    accessToken: secrets.googleToken,
    endpoints: {
      storage: at('gcp', ports.store),
      dns: at('gcp', ports.dnsApi),
      sql: null,
      container: null,
      pubsub: null,
      secretManager: null,
    },
    say,
    now: systemClock.now,
  });
  const clouds = { aws, gcp: google };
  const stores = new Map(
    strategy.authority.stores.map((one) => [one.name, (one.api === 'gcs' ? google : aws).store(one)]),
  );
  const storeNamed = (name: string | undefined) => {
    const store = stores.get(name ?? '');
    if (!store) throw new Error(`the strategy names no store "${name}"`);
    return store;
  };
  const register = createSituationRegister([...stores.values()], 'drill', systemClock, systemChance);
  const board = createBulletinBoard({
    own: storeNamed(strategy.authority.stores.find((one) => one.site === null)?.name),
    all: [
      ...strategy.sites.map(({ name }) => ({
        name,
        store: storeNamed(strategy.authority.stores.find((one) => one.site === name)?.name),
      })),
      ...strategy.lookouts.map(({ name, store }) => ({ name, store: storeNamed(store) })),
    ],
    clock: systemClock,
  });

  async function publish(writer: string): Promise<void> {
    const beacons = Object.fromEntries(
      strategy.sites.map(({ name }) => {
        const place = beaconPlace(strategy, name);
        const site = siteOf(strategy, place.site);
        const store = clouds[site.provider].bucket(site.beacon.bucket, site.region);
        return [name, createBeacon({ store, key: place.key })];
      }),
    );
    const zones = await Promise.all(strategy.sites.map((site) => clouds[site.provider].zone(site)));
    const traffic = compileTraffic(strategy, { writer, away: [], epoch: 1 });
    const resolver = createResolver({ chance: systemChance, timeoutSeconds: 1, tries: 2 });
    const servers = [...strategy.dns.nameServers.route53, ...strategy.dns.nameServers.clouddns];
    const until = systemClock.elapsedSeconds() + prepareWithinSeconds;
    for (;;) {
      const published = await publishTraffic({
        strategy,
        view: { writer, away: [], epoch: 1 },
        zones,
        checks: createRoute53HealthChecks(createRoute53Client(route53)),
        beacons,
        currentEpoch: async () => 1,
        force: true,
      });
      if (published.kind === 'refused') throw new Error(`traffic was not published: ${JSON.stringify(published)}`);
      // Checkers that have not looked yet count as healthy, and an inverted check then leads elsewhere: nobody may ask before.
      const answers = published.kind === 'done' ? await verifyTraffic(resolver, servers, traffic) : null;
      if (answers?.verdict === 'moved') return;
      if (systemClock.elapsedSeconds() > until)
        throw new Error(
          `traffic was not published within ${prepareWithinSeconds} s: ${answers?.because ?? JSON.stringify(published)}`,
        );
      await systemClock.sleep(1);
    }
  }

  return {
    register,
    board,
    async prepare(writer) {
      const weights = strategy.routing.weighted ?? Object.fromEntries(strategy.sites.map(({ name }) => [name, 50]));
      const begun = await register.change(systemChance.id(), initialise(writer, weights));
      if (begun.kind !== 'committed') throw new Error(`the register could not be initialised: ${begun.because}`);
      await publish(writer);
    },
  };
}
