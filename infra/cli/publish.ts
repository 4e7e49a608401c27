// `causeway publish`: makes everything beforehand that a failover will find made: beacons, health checks, and the records of both zones.
import { type Command, InvalidArgumentError } from 'commander';
import type { Situation } from '../../shared/model/situation.ts';
import type { TrafficView } from '../../shared/traffic/compile.ts';
import type { Published, Publishing } from '../../shared/traffic/publish.ts';
import { auditText, createAudit } from './audit.ts';
import {
  type Answer,
  addCommand,
  type CommonFlags,
  colorsOf,
  FINDING,
  GOOD,
  respond,
  withStrategy,
} from './command.ts';
import { Unusable } from './failure.ts';
import type { Estate } from './open.ts';
import type { TrafficChanges } from './plan-traffic.ts';
import type { Terminal } from './terminal.ts';
import { messageOf } from './text.ts';

type Flags = CommonFlags & { yes?: true; force?: true; wait: number; by?: string; reason?: string };

/** From one look at checks that have not looked yet to the next. */
const lookAgainSeconds = 2;

export function addPublish(program: Command, terminal: Terminal): void {
  const command = addCommand(program, terminal.io, {
    name: 'publish',
    summary: 'make beforehand what a failover moves: beacons, health checks, and the records of both zones',
    examples: ['publish         # shows what would be changed, changes nothing', 'publish --yes'],
    codes: [
      'published, or nothing to do',
      'refused, the checkers have not looked in time, or --yes is missing',
      'wrong usage, or the register, a bucket or a zone did not answer',
    ],
  });
  withStrategy(command)
    .option('--yes', 'publish it')
    .option('--force', 'change more of the records than dns.change_cap allows')
    .option('--wait <seconds>', 'how long to wait for the health checks to have looked', secondsOf, 180)
    .option('--by <who>', 'who you are (default: user@host)')
    .option('--reason <text>', 'why, for the journal')
    .action((flags: Flags) => respond(terminal, flags, () => publish(terminal, flags)));
}

function secondsOf(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('A wait is a whole number of seconds.');
  return Number(text);
}

async function publish(terminal: Terminal, flags: Flags): Promise<Answer> {
  const [{ openEstate }, { presentView }] = await Promise.all([
    import('./open.ts'),
    import('../../shared/traffic/present.ts'),
  ]);
  const estate = openEstate(terminal, flags);
  const situation = await situationOf(estate);
  const view = presentView(estate.strategy, situation);
  const changes = await changesOf(estate, view, flags.force ?? false);
  const { writer, epoch, run } = situation;
  const away = view.away.length > 0 ? `; traffic has left ${view.away.join(', ')}` : '';
  const shown = [`${writer} writes at epoch ${epoch}${away}`, ...changes.lines, ...changes.refusals].join('\n');
  const answer = (code: Answer['code'], outcome: string, because: string): Answer => {
    const { green, yellow } = colorsOf(terminal.io);
    const text = `${shown}\n\n${(code === GOOD ? green : yellow)(outcome)}: ${because}`;
    return { text, data: { outcome, because, writer, epoch, away: view.away, changes }, code };
  };
  if (run)
    return answer(
      FINDING,
      'refused',
      `the run ${run.id} is open, and moves traffic by itself; publish when it has ended`,
    );
  if (!flags.yes) return answer(FINDING, 'not-confirmed', 'nothing was changed: add --yes to publish it');
  const published = await carryOut(terminal, estate, view, flags);
  const journaled = await audit(terminal, estate, flags, published, epoch);
  switch (published.kind) {
    case 'done': {
      const said = published.outcomes.map(({ provider, outcome }) => `${provider}: ${outcome.kind}`);
      return answer(GOOD, 'published', `${[...said, ...published.notes].join('; ')}${journaled}`);
    }
    case 'refused':
      return answer(FINDING, 'refused', `${published.because}${journaled}`);
    case 'waiting':
      return answer(
        FINDING,
        'waiting',
        `after ${flags.wait} s ${published.because}. The records were left as they are: give the same command again${journaled}`,
      );
  }
}

async function situationOf({ register }: Estate): Promise<Situation> {
  const read = await register.read();
  if (read.kind === 'value') return read.value;
  if (read.kind === 'empty') throw new Unusable('the register was never written: `causeway init --writer <site>`');
  throw new Unusable(`the register could not be read: ${read.because}`);
}

/** What the zones would be changed by. Checks that are yet to be made are named by what they will watch. */
async function changesOf(estate: Estate, view: TrafficView, force: boolean): Promise<TrafficChanges> {
  const [{ trafficChanges }, { compileTraffic }, { carriesHealthChecks }] = await Promise.all([
    import('./plan-traffic.ts'),
    import('../../shared/traffic/compile.ts'),
    import('../../shared/traffic/write-zone.ts'),
  ]);
  const traffic = compileTraffic(estate.strategy, view);
  const route53 = estate.around.zones.find(({ provider }) => provider === 'route53');
  // A zone that cannot be listed is a line of the changes, not an error here.
  const carries = route53 ? await carriesHealthChecks(route53, traffic).catch(() => true) : true;
  if (carries) return trafficChanges(estate, view, force);
  const toBeMade = traffic.pairs.map(({ preferred }) => [preferred, `to-be-made-for-${preferred}`]);
  const changes = await trafficChanges(estate, view, force, Object.fromEntries(toBeMade));
  const checks = traffic.pairs.map(
    ({ preferred }) => `health check on the beacon of ${preferred}: made where it is missing`,
  );
  return { ...changes, lines: [...checks, ...changes.lines] };
}

/** Tries again while checks have not looked, until the time is up. */
async function carryOut(terminal: Terminal, estate: Estate, view: TrafficView, flags: Flags): Promise<Published> {
  const { publishTraffic } = await import('../../shared/traffic/publish.ts');
  const { clock, stop } = terminal;
  const publishing = await publishingOf(estate, view, flags.force ?? false);
  const until = clock.elapsedSeconds() + flags.wait;
  for (;;) {
    const published = await publishTraffic(publishing).catch((cause: unknown) => {
      throw new Unusable(`publishing did not come to its end, and may be given again: ${messageOf(cause)}`, { cause });
    });
    if (published.kind !== 'waiting' || clock.elapsedSeconds() >= until || stop.aborted) return published;
    await clock.sleep(lookAgainSeconds, stop);
  }
}

async function publishingOf(estate: Estate, view: TrafficView, force: boolean): Promise<Publishing> {
  const [{ createRoute53Client }, { createRoute53HealthChecks }, { createBeacon }, { beaconPlace }] = await Promise.all(
    [
      import('../../aws/adapters/route53-client.ts'),
      import('../../aws/adapters/route53-health-checks.ts'),
      import('../../shared/traffic/beacon.ts'),
      import('../../shared/traffic/publish.ts'),
    ],
  );
  const { strategy, around } = estate;
  const beacons = strategy.sites.map(({ name }) => {
    const { site, key } = beaconPlace(strategy, name);
    return [name, createBeacon({ store: around.beaconStore(site), key })];
  });
  return {
    strategy,
    view,
    zones: around.zones,
    checks: createRoute53HealthChecks(createRoute53Client({ endpoint: null, credentials: null })),
    beacons: Object.fromEntries(beacons),
    currentEpoch: async () => (await situationOf(estate)).epoch,
    force,
  };
}

async function audit(terminal: Terminal, estate: Estate, flags: Flags, published: Published, epoch: number) {
  const { journalStores } = await import('./open.ts');
  const written = createAudit(terminal, journalStores(estate), estate.incarnation);
  const outcome = 'because' in published ? `${published.kind}: ${published.because}` : published.kind;
  const command = `publish${flags.force ? ' --force' : ''} (${outcome})`;
  const { by = terminal.user, reason = 'what a failover moves is made beforehand' } = flags;
  await written.append({ kind: 'operator-commanded', command, by, reason }, epoch);
  return auditText(await written.settle());
}
