// The alarm board: what managed checks have said last, kept by the alarm functions of one cloud in its own store.
import { AlarmBoard } from '../model/bulletin.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { Provider } from '../model/site.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { ObjectStore, PutCondition } from '../ports/object-store.ts';

export class AlarmBoardBusy extends Error {
  override readonly name = 'AlarmBoardBusy';
}

export type AlarmBoardOptions = {
  store: ObjectStore;
  provider: Provider;
  clock: Clock;
  chance: Chance;
  /** How often a change is tried when others change the board at the same time. */
  attempts?: number;
};

/** The board, or an empty one when nothing has been said yet. Throws `StoreUnavailable`, and an Error when what is there is no board. */
export async function readAlarmBoard(store: ObjectStore, provider: Provider): Promise<AlarmBoard> {
  return (await load(store, provider)).board;
}

/**
 * Changes the board by compare-and-swap, and answers what it became. `change` is called again when somebody else was faster, and must come to
 * the same when it is applied twice: a redelivered alarm, or a write whose answer was lost. A change that changes nothing writes nothing.
 * Throws `AlarmBoardBusy` when it lost every attempt, and `StoreUnavailable` when the outcome is unknown; let the event be delivered again.
 */
export async function updateAlarmBoard(
  options: AlarmBoardOptions,
  change: (board: AlarmBoard) => AlarmBoard,
): Promise<AlarmBoard> {
  const { store, provider, clock, chance, attempts = 8 } = options;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const { board, condition } = await load(store, provider);
    const next = change(board);
    if (canonicalJson(next) === canonicalJson(board)) return board;
    // Equal boards share an S3 version, and that does no harm here: what was computed from one is right for the other.
    const result = await store.put(boardKey(provider), canonicalJson(next), {
      condition,
      contentType: 'application/json',
      cacheControl: 'no-store',
    });
    if (result.kind === 'written') return next;
    // GCS takes about one write a second of one object: losers come back spread over more and more of those seconds.
    if (attempt < attempts) await clock.sleep(chance.fraction() * Math.min(attempt, 4) * 0.5);
  }
  throw new AlarmBoardBusy(
    `${store.name}: ${boardKey(provider)} was changed by others in each of ${attempts} attempts; deliver the event again`,
  );
}

async function load(store: ObjectStore, provider: Provider): Promise<{ board: AlarmBoard; condition: PutCondition }> {
  const found = await store.get(boardKey(provider));
  if (found === null) return { board: { schema: 1, health: [], lag: [] }, condition: { kind: 'absent' } };
  try {
    return { board: AlarmBoard.parse(JSON.parse(found.body)), condition: { kind: 'version', version: found.version } };
  } catch (cause) {
    throw new Error(
      `${store.name}: ${boardKey(provider)} is not an alarm board that this version can read; remove it, and alarms fill it again`,
      { cause },
    );
  }
}

function boardKey(provider: Provider): string {
  return `alarms/${provider}.json`;
}
