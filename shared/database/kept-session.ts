// One session that is kept between calls, and made anew when it failed or has lain idle.
import type { Clock } from '../ports/clock.ts';
import { type Limits, type PgConnect, type Session, unavailable } from './session.ts';

export type KeptSession = {
  /** Runs work on the kept session. After any failure the session is given up: the next call connects again. */
  use<T>(what: string, work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

type Held = { session: Promise<Session>; opened: Session | null; usedAt: number };

// A function that slept between two invocations finds its connection dead: rather connect again than lose a beat to it.
const IDLE_SECONDS = 30;

export function createKeptSession(connect: PgConnect, limits: Limits, clock: Clock): KeptSession {
  let kept: Held | null = null;

  const drop = async (held: Held | null): Promise<void> => {
    if (!held) return;
    if (kept === held) kept = null;
    // A session that never came into being has nothing to close, and its failure was told to whoever asked for it.
    const [opened] = await Promise.allSettled([held.session]);
    if (opened.status === 'fulfilled') await opened.value.close();
  };

  const begin = (): Held => {
    const held: Held = { session: connect(limits), usedAt: 0, opened: null };
    held.session.then(
      (session) => {
        held.opened = session;
      },
      // Whoever waits for it is told.
      () => undefined,
    );
    return held;
  };

  const current = async (): Promise<Held> => {
    if (kept && (clock.elapsedSeconds() - kept.usedAt > IDLE_SECONDS || kept.opened?.alive() === false))
      await drop(kept);
    kept ??= begin();
    kept.usedAt = clock.elapsedSeconds();
    return kept;
  };

  return {
    use: async (what, work) => {
      const held = await current();
      try {
        return await work(await held.session);
      } catch (cause) {
        await drop(held);
        throw unavailable(what, cause);
      }
    },
    close: () => drop(kept),
  };
}
