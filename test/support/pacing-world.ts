// Three stores in virtual time as a failover meets them: one may be dead, one may take a single write a second of one object.
import { createAcceptor } from '../../shared/authority/acceptor.ts';
import { createRegister, type Register } from '../../shared/authority/register.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { type ObjectStore, StoreUnavailable } from '../../shared/ports/object-store.ts';
import { createFakeBucket, createFakeObjectStore, type FakeBucket } from './fake-object-store.ts';
import { createVirtualTime, seededChance } from './virtual-time.ts';

export type StoreMood = {
  /** Each way. */
  latencySeconds: number;
  /** Null while it lives; else how long a caller waits for the error. */
  deadAfterSeconds: number | null;
  /** 429 to a write that comes earlier than this after the last one; 0: never. */
  writeEverySeconds: number;
};

export type StoreTally = { reads: number; writes: number; refused: number };

type Member = { bucket: FakeBucket; mood: StoreMood; tally: StoreTally; wroteSeconds: number };

export type PacingWorld = ReturnType<typeof createPacingWorld>;

const healthy: StoreMood = { latencySeconds: 0.03, deadAfterSeconds: null, writeEverySeconds: 0 };

/** One mood for each store; moods may be changed while the world runs, and hold for all processes. */
export function createPacingWorld(seed: number, moods: Partial<StoreMood>[]) {
  const time = createVirtualTime();
  const members = moods.map(
    (mood): Member => ({
      bucket: createFakeBucket('unique'),
      mood: { ...healthy, ...mood },
      tally: { reads: 0, writes: 0, refused: 0 },
      wroteSeconds: Number.NEGATIVE_INFINITY,
    }),
  );

  function client<T>(proposer: string, parse: (value: unknown) => T): Register<T> {
    const chance = seededChance(seed + [...proposer].reduce((sum, letter) => sum + letter.charCodeAt(0), 0));
    const { clock } = time;
    return createRegister({
      acceptors: members.map((member, index) =>
        createAcceptor(moody(`store-${index}`, member, clock), 'register', { clock, chance }),
      ),
      proposer,
      parse,
      clock,
      chance,
      deadlineSeconds: 30,
    });
  }

  async function within<R>(work: Promise<R>): Promise<R> {
    let over = false;
    const settled = Promise.allSettled([work]).finally(() => {
      over = true;
    });
    await time.runUntil(10_000, () => over);
    await settled;
    return work;
  }

  return {
    time,
    client,
    within,
    moodOf: (index: number): StoreMood => member(index).mood,
    tally: (): StoreTally[] => members.map((one) => ({ ...one.tally })),
    /** What the register's object holds in each store now. */
    bodies: (): (string | null)[] => members.map((one) => one.bucket.objects.get('register')?.body ?? null),
  };

  function member(index: number): Member {
    const found = members[index];
    if (!found) throw new Error(`there are ${members.length} stores, and no store ${index}`);
    return found;
  }
}

function moody(name: string, member: Member, clock: Clock): ObjectStore {
  const { mood, tally } = member;
  const inner = createFakeObjectStore({ name, bucket: member.bucket, clock, faults: () => null });
  const travel = async () => {
    if (mood.deadAfterSeconds !== null) {
      await clock.sleep(mood.deadAfterSeconds);
      throw new StoreUnavailable(name, 'time-out', `no answer within ${mood.deadAfterSeconds} s`);
    }
    await clock.sleep(mood.latencySeconds);
  };
  const back = () => clock.sleep(mood.latencySeconds);
  return {
    ...inner,
    async get(key) {
      tally.reads += 1;
      await travel();
      const found = await inner.get(key);
      await back();
      return found;
    },
    async put(key, body, options) {
      await travel();
      const now = clock.elapsedSeconds();
      if (now - member.wroteSeconds < mood.writeEverySeconds) {
        tally.refused += 1;
        await back();
        throw new StoreUnavailable(name, 'throttled', '429 Too Many Requests');
      }
      const result = await inner.put(key, body, options);
      if (result.kind === 'written') {
        tally.writes += 1;
        member.wroteSeconds = now;
      }
      await back();
      return result;
    },
  };
}
