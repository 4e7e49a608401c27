// The beacon: one small public object whose text moves the traffic away from a site, without any DNS control plane.
import * as z from 'zod';
import { canonicalJson } from '../model/canonical-json.ts';
import type { SiteName } from '../model/site.ts';
import { type ObjectStore, StoreUnavailable } from '../ports/object-store.ts';

/** What the health check looks for in the first bytes of the object. */
export const BEACON_SIGNAL = 'causeway-beacon-lit';
const DARK_SIGNAL = 'causeway-beacon-dark';

const BeaconText = z.object({
  schema: z.literal(1),
  signal: z.enum([BEACON_SIGNAL, DARK_SIGNAL]),
  /** Null: this beacon has only ever been cleared. */
  away: z.string().nullable(),
  epoch: z.int().positive(),
});

type BeaconState = { lit: boolean; away: SiteName | null; epoch: number };

/** `newer`: the object speaks for a later epoch and was left alone. `kept`: it said so already. */
type BeaconAnswer = { kind: 'set' } | { kind: 'kept' } | { kind: 'newer'; epoch: number };

export type Beacon = {
  /** Null: never lit, which the health check reads as dark. Throws `StoreUnavailable`. */
  read(): Promise<BeaconState | null>;
  /** Throws `StoreUnavailable` when the outcome is unknown: read, then light again. */
  light(epoch: number, away: SiteName): Promise<BeaconAnswer>;
  /** Writes the epoch also where nothing was ever lit, so that a late executor of an older one cannot light it. Throws `StoreUnavailable`. */
  clear(epoch: number): Promise<BeaconAnswer>;
};

/** How often a lost race is run again; only Causeway's own functions write here. */
const ATTEMPTS = 5;

/** The object of the beacon "traffic must leave this site". It lies in the bucket of the site that takes over. */
export function beaconKey(away: SiteName): string {
  return `causeway/away-${away}.json`;
}

/**
 * A beacon is never removed, only changed by conditional writes to "dark" and back: a removal cannot be conditional, and an
 * executor that was held up could undo a newer epoch's signal with it. A missing object, an unreachable bucket
 * and a dark beacon all look the same to the health check: traffic stays.
 */
export function createBeacon(options: { store: ObjectStore; key: string }): Beacon {
  const set = async (wanted: BeaconState): Promise<BeaconAnswer> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const answer = await trySet(options.store, options.key, wanted);
      if (answer !== 'raced') return answer;
    }
    throw new StoreUnavailable(
      options.store.name,
      'failed',
      `${options.key} was changed by others ${ATTEMPTS} times in a row; try again`,
    );
  };
  return {
    read: async () => (await readBeacon(options.store, options.key))?.state ?? null,
    light: (epoch, away) => set({ lit: true, epoch, away }),
    clear: (epoch) => set({ lit: false, epoch, away: null }),
  };
}

async function readBeacon(store: ObjectStore, key: string): Promise<{ state: BeaconState; version: string } | null> {
  const found = await store.get(key);
  if (!found) return null;
  const parsed = BeaconText.safeParse(parseJson(found.body));
  if (!parsed.success) {
    throw new StoreUnavailable(
      store.name,
      'failed',
      `${key} is not a beacon: ${z.prettifyError(parsed.error)}; remove it, so that the next failover can write its own`,
      { cause: parsed.error },
    );
  }
  const { signal, away, epoch } = parsed.data;
  return { state: { lit: signal === BEACON_SIGNAL, away, epoch }, version: found.version };
}

async function trySet(store: ObjectStore, key: string, wanted: BeaconState): Promise<BeaconAnswer | 'raced'> {
  const found = await readBeacon(store, key);
  if (found && found.state.epoch > wanted.epoch) return { kind: 'newer', epoch: found.state.epoch };
  const away = wanted.away ?? found?.state.away ?? null;
  if (found?.state.lit === wanted.lit && found.state.epoch === wanted.epoch && found.state.away === away) {
    return { kind: 'kept' };
  }
  const signal = wanted.lit ? BEACON_SIGNAL : DARK_SIGNAL;
  const result = await store.put(key, canonicalJson({ schema: 1, signal, away, epoch: wanted.epoch }), {
    condition: found ? { kind: 'version', version: found.version } : { kind: 'absent' },
    contentType: 'application/json',
    // A cached beacon would move traffic late, or back.
    cacheControl: 'no-store',
  });
  return result.kind === 'written' ? { kind: 'set' } : 'raced';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // The schema says what is wrong, in words; the text itself is what it is told about.
    return error instanceof SyntaxError ? text : null;
  }
}
