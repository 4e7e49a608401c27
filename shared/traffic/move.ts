// moveTraffic: one resumable procedure that leads clients to where the situation says, and says when they are led there.
import type { SiteName } from '../model/site.ts';
import type { Strategy } from '../model/strategy.ts';
import type { DnsZone, Resolver } from '../ports/traffic.ts';
import type { Beacon } from './beacon.ts';
import { compileTraffic, type TrafficView } from './compile.ts';
import type { DesiredTraffic } from './desired.ts';
import { verifyTraffic } from './verify.ts';
import { isWritten, writeZone, type ZoneOutcome } from './write-zone.ts';

export type TrafficMoving = {
  strategy: Strategy;
  view: TrafficView;
  zones: DnsZone[];
  /** By the site that traffic leaves when the beacon is lit; each lies in the bucket of the site that takes over. */
  beacons: Record<SiteName, Beacon>;
  resolver: Resolver;
  /** Authoritative servers, `host` or `host:port`. */
  servers: Record<DnsZone['provider'], string[]>;
  /** The register's epoch, read again just before every write. */
  currentEpoch: () => Promise<number>;
  /** An operator's `traffic-cap` override. */
  force: boolean;
};

type TrafficState = {
  /** By the answers of the delegated provider's servers (of both, when both are delegated to); never by what an API said. */
  kind: 'moved' | 'not-moved' | 'unknown';
  because: string;
  /** What is still to follow although clients are led right, in sentences: to be alarmed on, and applied again until empty. */
  pending: string[];
};

type TrafficApplied =
  | { kind: 'applied'; did: string[]; pending: string[]; refused: string[] }
  /** A newer epoch has decided; nothing more was sent. */
  | { kind: 'stale'; because: string };

export type TrafficMove = {
  /** Asks the servers, then whether both zones say the same. Never throws for what they answer. */
  observe(): Promise<TrafficState>;
  /** Beacons, then records. Safe to run again, by anyone. Throws what `currentEpoch` throws, before anything was sent. */
  apply(): Promise<TrafficApplied>;
  /** The same question as `observe`, under the name that the step asks it by. */
  verify(): Promise<TrafficState>;
};

/** Throws like `compileTraffic` when the view cannot be answered by DNS. */
export function moveTraffic(moving: TrafficMoving): TrafficMove {
  const traffic = compileTraffic(moving.strategy, moving.view);
  const look = () => observe(moving, traffic);
  return { observe: look, verify: look, apply: () => apply(moving, traffic) };
}

async function observe(moving: TrafficMoving, traffic: DesiredTraffic): Promise<TrafficState> {
  const { delegation } = moving.strategy.dns;
  const providers = delegation === 'both' ? (['route53', 'clouddns'] as const) : ([delegation] as const);
  const seen = await Promise.all(
    providers.map(async (provider) => ({
      provider,
      ...(await verifyTraffic(moving.resolver, moving.servers[provider], traffic)),
    })),
  );
  const short = seen.find((one) => one.verdict === 'not-moved') ?? seen.find((one) => one.verdict === 'unknown');
  if (short) return { kind: short.verdict, because: `${short.provider}: ${short.because}`, pending: [] };
  const because = seen.map((one) => `${one.provider}: ${one.because}`).join('; ');
  const pending = await Promise.all(moving.zones.map((zone) => recordsToFollow(zone, moving.strategy, traffic)));
  return { kind: 'moved', because, pending: pending.flat() };
}

async function recordsToFollow(zone: DnsZone, strategy: Strategy, traffic: DesiredTraffic): Promise<string[]> {
  try {
    if (await isWritten(zone, strategy, traffic)) return [];
    const risk = zone.provider === 'route53' ? '; were the beacon lost, its answers would turn back' : '';
    return [`The records of ${zone.provider} do not say it yet${risk}.`];
  } catch (error) {
    return [`Whether ${zone.provider} says it could not be found out: ${messageOf(error)}`];
  }
}

async function apply(moving: TrafficMoving, traffic: DesiredTraffic): Promise<TrafficApplied> {
  const { view } = moving;
  const current = await moving.currentEpoch();
  if (current !== view.epoch) {
    return { kind: 'stale', because: `the register stands at epoch ${current}, this move is of epoch ${view.epoch}` };
  }
  const report: Report = { did: [], pending: [], refused: [] };
  // Lit before anything else: this is the path that needs no DNS control plane.
  const lit = await Promise.all(view.away.map((site) => setBeacon(moving, site, 'light', report)));
  const outdone = lit.find((because) => because !== null);
  if (outdone) return { kind: 'stale', because: outdone };
  const written = await Promise.all(moving.zones.map((zone) => write(moving, zone, traffic, report)));
  // Cleared last, and only for sites that the records lead to again by then.
  const home = traffic.pairs.map((pair) => pair.preferred).filter((site) => !view.away.includes(site));
  const cleared = await Promise.all(home.map((site) => setBeacon(moving, site, 'clear', report)));
  const stale = [...written, ...cleared].find((because) => because !== null);
  return stale ? { kind: 'stale', because: stale } : { kind: 'applied', ...report };
}

type Report = { did: string[]; pending: string[]; refused: string[] };

/** Null, or why this executor is out of date. */
async function setBeacon(
  moving: TrafficMoving,
  site: SiteName,
  verb: 'light' | 'clear',
  report: Report,
): Promise<string | null> {
  const beacon = moving.beacons[site];
  if (!beacon) {
    report.pending.push(`There is no beacon for "${site}", so Route 53 follows only when its records are written.`);
    return null;
  }
  const { epoch } = moving.view;
  try {
    const answer = verb === 'light' ? await beacon.light(epoch, site) : await beacon.clear(epoch);
    if (answer.kind === 'newer') return `the beacon of "${site}" is of epoch ${answer.epoch}, this move is of ${epoch}`;
    if (answer.kind === 'set') report.did.push(`beacon of "${site}" ${verb === 'light' ? 'lit' : 'cleared'}`);
  } catch (error) {
    report.pending.push(
      `The beacon of "${site}" could not be ${verb === 'light' ? 'lit' : 'cleared'}: ${messageOf(error)}`,
    );
  }
  return null;
}

async function write(
  moving: TrafficMoving,
  zone: DnsZone,
  traffic: DesiredTraffic,
  report: Report,
): Promise<string | null> {
  const { strategy, currentEpoch, force } = moving;
  try {
    return note(zone, report, await writeZone({ zone, strategy, traffic, healthCheckIds: null, currentEpoch, force }));
  } catch (error) {
    report.pending.push(`The records of ${zone.provider} are to follow: ${messageOf(error)}`);
    return null;
  }
}

function note(zone: DnsZone, report: Report, outcome: ZoneOutcome): string | null {
  switch (outcome.kind) {
    case 'accepted':
      report.did.push(`${zone.provider} accepted change ${outcome.changeId}`);
      return null;
    case 'nothing-to-do':
      return null;
    case 'conflict':
      report.pending.push(`${zone.provider} has a second writer: ${outcome.because}`);
      return null;
    case 'refused':
      report.refused.push(`${zone.provider}: ${outcome.because}`);
      return null;
    case 'stale':
      return outcome.because;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
