// One store as an acceptor: reads its cell, and writes it only over the version that was read.
import type { Chance, Clock } from '../ports/clock.ts';
import { type ObjectStore, StoreUnavailable } from '../ports/object-store.ts';
import { Cell } from './ballot.ts';

/** The cell and the version that the next write must name; `cell` is null when the store holds none. */
export type Seen = { cell: Cell | null; version: string | null };

export type WriteResult =
  | { kind: 'written'; version: string }
  /** Somebody else wrote; what is there now comes along. */
  | { kind: 'lost'; seen: Seen }
  /** It may have been written. */
  | { kind: 'unknown'; because: string };

export type Acceptor = {
  readonly name: string;
  /** Throws `StoreUnavailable`. */
  read(): Promise<Seen>;
  /** Never throws for a store that does not answer: that outcome is `unknown`. */
  write(cell: Cell, over: Seen): Promise<WriteResult>;
};

type Pacing = { clock: Clock; chance: Chance };

const throttledAttempts = 6;
/** What Cloud Storage gives as its limit: about one write a second of one object. */
const restSeconds = 1;

class CellCorrupt extends Error {
  override readonly name = 'CellCorrupt';
}

/**
 * An acceptor over one object of a store with conditional writes.
 * A conflict is read again and told by the nonce: "written, answer lost" comes back as a conflict (412) or 409.
 * A throttled write was not made, and the same write is tried again, unless somebody else's write was what it came too soon after.
 * A store that has throttled once is from then on written no sooner than a second after this process's last write.
 */
export function createAcceptor(store: ObjectStore, key: string, { clock, chance }: Pacing): Acceptor {
  let last: Seen | null = null;
  const read = async (): Promise<Seen> => {
    last = await readCell(store, key, last);
    return last;
  };
  let throttles = false;
  let wroteSeconds = Number.NEGATIVE_INFINITY;

  async function settle(cell: Cell): Promise<WriteResult> {
    try {
      const seen = await read();
      if (seen.cell?.nonce === cell.nonce && seen.version !== null) return { kind: 'written', version: seen.version };
      return { kind: 'lost', seen };
    } catch (error) {
      return { kind: 'unknown', because: describe(error) };
    }
  }

  async function put(cell: Cell, over: Seen): Promise<WriteResult | { kind: 'throttled'; because: string }> {
    try {
      const result = await store.put(key, JSON.stringify(cell), {
        condition: over.version === null ? { kind: 'absent' } : { kind: 'version', version: over.version },
        contentType: 'application/json',
        cacheControl: 'no-store',
      });
      return result.kind === 'written' ? result : await settle(cell);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return { kind: error.reason === 'throttled' ? 'throttled' : 'unknown', because: error.message };
    }
  }

  /** Somebody else has written since: waiting would only delay the answer. Null: not so, or not known. */
  async function overtaken(over: Seen): Promise<WriteResult | null> {
    try {
      const seen = await read();
      return seen.version === over.version ? null : { kind: 'lost', seen };
    } catch (error) {
      return { kind: 'unknown', because: describe(error) };
    }
  }

  return {
    name: store.name,
    read,
    async write(cell, over) {
      for (let attempt = 1; ; attempt++) {
        // From the answer on: the store counts from its own moment of writing, which was earlier.
        const rest = wroteSeconds + restSeconds - clock.elapsedSeconds();
        if (throttles && rest > 0) await clock.sleep(rest);
        const result = await put(cell, over);
        if (result.kind === 'written') wroteSeconds = clock.elapsedSeconds();
        if (result.kind !== 'throttled') return result;
        throttles = true;
        const lost = await overtaken(over);
        if (lost) return lost;
        if (attempt === throttledAttempts) return { kind: 'unknown', because: result.because };
        await clock.sleep(0.2 + chance.fraction() * 0.4);
      }
    },
  };
}

function parseCell(store: string, key: string, body: string): Cell {
  try {
    return Cell.parse(JSON.parse(body));
  } catch (cause) {
    throw new CellCorrupt(
      `${store}: the object ${key} is not a register cell. Nothing was changed. Look at the object's versions and put ` +
        'the last good one back; until then this store counts as lost.',
      { cause },
    );
  }
}

/**
 * What one store holds. Throws `StoreUnavailable`, and `CellCorrupt` for what is no cell. An equal version is an equal content: a lease that
 * stands still is read far more often than it changes, and what was `last` read is then not parsed again.
 */
export async function readCell(store: ObjectStore, key: string, last: Seen | null = null): Promise<Seen> {
  const found = await store.get(key);
  if (!found) return { cell: null, version: null };
  if (last !== null && found.version === last.version) return last;
  return { cell: parseCell(store.name, key, found.body), version: found.version };
}

export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
