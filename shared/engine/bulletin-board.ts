// The bulletin board: this lookout's word is put beside it, and the others' are read where they put theirs.
import type { HeardBulletin } from '../decision/sighting.ts';
import { Bulletin } from '../model/bulletin.ts';
import { canonicalJson } from '../model/canonical-json.ts';
import type { Clock } from '../ports/clock.ts';
import { type ObjectStore, StoreUnavailable } from '../ports/object-store.ts';
import { createLimit, type Limit } from './within.ts';

/** What a read found of one lookout. `absent`: its store says that it has never put up a bulletin. `unknown` says nothing about it. */
type LookoutReading =
  | ({ kind: 'heard'; lookout: string } & HeardBulletin)
  | { kind: 'absent'; lookout: string }
  | { kind: 'unknown'; lookout: string; because: string };

type BoardReading = {
  lookouts: LookoutReading[];
  /** Of those heard: what the fold takes in. */
  bulletins: HeardBulletin[];
  /** A store other than our own has answered: our network works. */
  reachedElsewhere: boolean;
};

export type BulletinBoard = {
  /** Replaces this lookout's bulletin. Throws `StoreUnavailable`: it may be up or not, and the next beat tries again. */
  publish(bulletin: Bulletin): Promise<void>;
  /**
   * Reads every lookout's bulletin, all at once. Never throws for a store: its lookouts are `unknown`. `risenSecondsAgo` is measured on this
   * process's own clock, from when the read that showed a newer beat than the read before was answered. The first reading proves
   * nothing, nor does one after a gap: what is new then may have been written at any time in between.
   */
  read(): Promise<BoardReading>;
};

export type BulletinBoardOptions = {
  own: ObjectStore;
  /** Every lookout by its name, with the store that it writes to. */
  all: { name: string; store: ObjectStore }[];
  clock: Clock;
  /** How long one read may take before its lookout counts as unknown. */
  readSeconds?: number;
  /** Two readings further apart than this show nothing about when the beat rose. */
  maxGapSeconds?: number;
};

/** What this process remembers of a lookout: the last answer of its store, and when it last saw the beat rise. */
type Memory = { bulletin: Bulletin | null; answeredSeconds: number; risenSeconds: number | null };

export function createBulletinBoard(options: BulletinBoardOptions): BulletinBoard {
  const { own, all, clock, readSeconds = 3, maxGapSeconds = 15 } = options;
  const memories = new Map<string, Memory>();
  const parsed = new Map<string, { body: string; bulletin: Bulletin }>();

  /** Every reader looks as often as each lookout writes: half of what is read has been read before. */
  async function fetch(store: ObjectStore, lookout: string): Promise<Bulletin | null> {
    const found = await store.get(bulletinKey(lookout));
    if (found === null) return null;
    const known = parsed.get(lookout);
    if (known?.body === found.body) return known.bulletin;
    const bulletin = parseBulletin(store.name, lookout, found.body);
    parsed.set(lookout, { body: found.body, bulletin });
    return bulletin;
  }

  async function readOne(lookout: string, store: ObjectStore, limit: Limit): Promise<LookoutReading> {
    let bulletin: Bulletin | null;
    try {
      bulletin = await limit.keep(
        fetch(store, lookout),
        () => new StoreUnavailable(store.name, 'time-out', `no bulletin was read within ${readSeconds} s`),
      );
    } catch (error) {
      return { kind: 'unknown', lookout, because: error instanceof Error ? error.message : String(error) };
    }
    const memory = remember(memories.get(lookout) ?? null, bulletin, clock.elapsedSeconds(), maxGapSeconds);
    memories.set(lookout, memory);
    if (bulletin === null) return { kind: 'absent', lookout };
    const risenSecondsAgo = memory.risenSeconds === null ? null : clock.elapsedSeconds() - memory.risenSeconds;
    return { kind: 'heard', lookout, bulletin, risenSecondsAgo };
  }

  return {
    async publish(bulletin) {
      await own.put(bulletinKey(bulletin.lookout), canonicalJson(bulletin), {
        condition: { kind: 'none' },
        contentType: 'application/json',
        cacheControl: 'no-store',
      });
    },
    async read() {
      const limit = createLimit(readSeconds, clock);
      const lookouts = await Promise.all(all.map(({ name, store }) => readOne(name, store, limit)));
      limit.end();
      const answered = all.filter((_one, index) => lookouts[index]?.kind !== 'unknown');
      return {
        lookouts,
        bulletins: lookouts.flatMap((one) =>
          one.kind === 'heard' ? [{ bulletin: one.bulletin, risenSecondsAgo: one.risenSecondsAgo }] : [],
        ),
        reachedElsewhere: answered.some(({ store }) => store.name !== own.name),
      };
    },
  };
}

function remember(before: Memory | null, bulletin: Bulletin | null, nowSeconds: number, maxGapSeconds: number): Memory {
  if (before === null) return { bulletin, answeredSeconds: nowSeconds, risenSeconds: null };
  const rose = bulletin !== null && isNewer(bulletin, before.bulletin);
  const gap = nowSeconds - before.answeredSeconds > maxGapSeconds;
  return {
    bulletin,
    answeredSeconds: nowSeconds,
    risenSeconds: !rose ? before.risenSeconds : gap ? null : nowSeconds,
  };
}

/** A new process of the lookout counts its beats from the start again. */
function isNewer(bulletin: Bulletin, before: Bulletin | null): boolean {
  if (before === null) return true;
  return bulletin.incarnation !== before.incarnation || bulletin.beat > before.beat;
}

function parseBulletin(store: string, lookout: string, body: string): Bulletin {
  try {
    return Bulletin.parse(JSON.parse(body));
  } catch (cause) {
    throw new Error(`${store}: ${bulletinKey(lookout)} is not a bulletin that this version can read`, { cause });
  }
}

function bulletinKey(lookout: string): string {
  return `bulletins/${lookout}.json`;
}
