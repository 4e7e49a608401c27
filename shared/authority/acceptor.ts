// One store as an acceptor: reads its cell, and writes it only over the version that was read.
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

export class CellCorrupt extends Error {
  override readonly name = 'CellCorrupt';
}

/**
 * An acceptor over one object of a store with conditional writes.
 * A conflict is read again and told by the nonce: "written, answer lost" comes back as a conflict (412) or 409.
 */
export function createAcceptor(store: ObjectStore, key: string): Acceptor {
  async function read(): Promise<Seen> {
    const found = await store.get(key);
    if (!found) return { cell: null, version: null };
    return { cell: parseCell(store.name, key, found.body), version: found.version };
  }

  async function settle(cell: Cell): Promise<WriteResult> {
    try {
      const seen = await read();
      if (seen.cell?.nonce === cell.nonce && seen.version !== null) return { kind: 'written', version: seen.version };
      return { kind: 'lost', seen };
    } catch (error) {
      return { kind: 'unknown', because: describe(error) };
    }
  }

  return {
    name: store.name,
    read,
    async write(cell, over) {
      try {
        const result = await store.put(key, JSON.stringify(cell), {
          condition: over.version === null ? { kind: 'absent' } : { kind: 'version', version: over.version },
          contentType: 'application/json',
          cacheControl: 'no-store',
        });
        if (result.kind === 'written') return result;
        return await settle(cell);
      } catch (error) {
        if (!(error instanceof StoreUnavailable)) throw error;
        return { kind: 'unknown', because: error.message };
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

export function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
