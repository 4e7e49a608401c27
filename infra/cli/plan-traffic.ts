// What a move of traffic would change: the beacons, and the records of both zones, added and deleted.
import { readCloudDns, readRoute53 } from '../../shared/model/record-sets.ts';
import type { SiteName } from '../../shared/model/site.ts';
import type { DnsZone, ZoneRecord } from '../../shared/ports/traffic.ts';
import { compileTraffic, type TrafficView } from '../../shared/traffic/compile.ts';
import { planZone } from '../../shared/traffic/write-zone.ts';
import type { Estate } from './open.ts';
import { messageOf } from './text.ts';

/** `unlisted`: zones whose records nobody could see from here. */
export type TrafficChanges = { lines: string[]; changed: number; refusals: string[]; unlisted: number };

/** Lists both zones, plans and guards; changes nothing. A zone that does not answer is a line, not an error. */
export async function trafficChanges(
  estate: Estate,
  view: TrafficView,
  force: boolean,
  healthCheckIds: Record<SiteName, string> | null = null,
): Promise<TrafficChanges> {
  const { strategy, around } = estate;
  const traffic = compileTraffic(strategy, view);
  const beacons = view.away.map((site) => `beacon of ${site} lit: the path that needs no DNS control plane`);
  const zones = await Promise.all(
    around.zones.map(async (zone): Promise<TrafficChanges> => {
      try {
        const planned = await planZone({ zone, strategy, traffic, healthCheckIds, force });
        if (planned.kind === 'refused')
          return { lines: [], changed: 0, unlisted: 0, refusals: [`${zone.provider}: ${planned.because}`] };
        return zoneChanges(zone.provider, planned.plan);
      } catch (error) {
        return {
          lines: [`${zone.provider}: could not be listed: ${messageOf(error)}`],
          changed: 0,
          unlisted: 1,
          refusals: [],
        };
      }
    }),
  );
  return {
    lines: [...beacons, ...zones.flatMap(({ lines }) => lines)],
    changed: zones.reduce((sum, { changed }) => sum + changed, 0),
    unlisted: zones.reduce((sum, { unlisted }) => sum + unlisted, 0),
    refusals: zones.flatMap(({ refusals }) => refusals),
  };
}

function zoneChanges(
  provider: DnsZone['provider'],
  plan: { additions: ZoneRecord[]; deletions: ZoneRecord[] },
): TrafficChanges {
  const { additions, deletions } = plan;
  const changed = additions.length + deletions.length;
  if (changed === 0) return { lines: [`${provider}: says it already`], changed, unlisted: 0, refusals: [] };
  return {
    lines: [
      `${provider}: ${additions.length} added, ${deletions.length} deleted`,
      ...deletions.map((record) => `  - ${recordText(provider, record)}`),
      ...additions.map((record) => `  + ${recordText(provider, record)}`),
    ],
    changed,
    unlisted: 0,
    refusals: [],
  };
}

/** `www.example CNAME [primary] -> to-gcp.causeway.www.example`. */
function recordText(provider: DnsZone['provider'], record: ZoneRecord): string {
  const which = record.setIdentifier === null ? '' : ` [${record.setIdentifier}]`;
  const answers = provider === 'route53' ? route53Answers(record.native) : cloudDnsAnswers(record.native);
  return `${record.name} ${record.type}${which} -> ${answers}`;
}

function route53Answers(native: string): string {
  const { AliasTarget, ResourceRecords, Weight } = readRoute53(native);
  const answers = AliasTarget
    ? `alias ${AliasTarget.DNSName}`
    : (ResourceRecords ?? []).map(({ Value }) => Value).join(', ');
  return Weight === undefined ? answers : `${answers} (weight ${Weight})`;
}

function cloudDnsAnswers(native: string): string {
  const { rrdatas, routingPolicy } = readCloudDns(native);
  if (rrdatas) return rrdatas.join(', ');
  const weighted = routingPolicy?.wrr?.items.map((item) => `${item.rrdatas?.join(', ')} (weight ${item.weight})`);
  const geo = routingPolicy?.geo?.items.map((item) => `${item.location} ${item.rrdatas?.join(', ')}`);
  return (weighted ?? geo ?? ['its routing policy']).join('; ');
}
