// Moves of traffic, bound to the zones, beacons and servers of this estate, and to the register's epoch.
import { createBeacon } from '../traffic/beacon.ts';
import type { TrafficView } from '../traffic/compile.ts';
import { moveTraffic, type TrafficMove } from '../traffic/move.ts';
import { beaconPlace } from '../traffic/publish.ts';
import type { SituationView } from './situation-view.ts';
import type { Surroundings } from './surroundings.ts';

export type MoveOf = (view: TrafficView, force: boolean) => TrafficMove;

/** Each move asks the register for its epoch just before every write, and throws when nobody can say. */
export function createMoves(around: Surroundings, situation: SituationView): MoveOf {
  const { strategy } = around;
  const beacons = Object.fromEntries(
    strategy.sites.map(({ name }) => {
      const place = beaconPlace(strategy, name);
      return [name, createBeacon({ store: around.beaconStore(place.site), key: place.key })];
    }),
  );
  async function currentEpoch(): Promise<number> {
    const read = await situation.read();
    if (read.kind === 'value') return read.value.epoch;
    const because = read.kind === 'unknown' ? read.because : 'it was never written';
    throw new Error(`the register's epoch could not be read: ${because}`);
  }
  return (view, force) =>
    moveTraffic({
      strategy,
      view,
      zones: around.zones,
      beacons,
      resolver: around.resolver,
      servers: strategy.dns.nameServers,
      currentEpoch,
      force,
    });
}
