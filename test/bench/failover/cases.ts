// What is done to the first site, and for how long it is watched afterwards.
import type { Pair } from './contestant.ts';

export type FailoverCase = {
  name: string;
  summary: string;
  /** The first site does nothing any more: a takeover then waits for what the settings demand from the strike on, and for nothing else. */
  isLoss: boolean;
  /** Connections that write all the time, beside the client that writes to both nodes. */
  loadConnections: number;
  strike(pair: Pair): Promise<void>;
  /** What is done `afterSeconds` after the second node took its first write. */
  afterwards: { afterSeconds: number; act: (pair: Pair) => void } | null;
  /** How long it is watched after the second node took its first write, and after that. */
  watchSeconds: number;
};

const plain = { isLoss: true, loadConnections: 0, afterwards: null, watchSeconds: 4 };

export const cases: readonly FailoverCase[] = [
  {
    ...plain,
    name: 'kill',
    summary: 'SIGKILL of the whole site',
    strike: (pair) => pair.killSite(),
  },
  {
    ...plain,
    name: 'kill-load',
    summary: 'the same under load',
    loadConnections: 16,
    strike: (pair) => pair.killSite(),
  },
  {
    ...plain,
    name: 'manager',
    summary: 'manager killed, PostgreSQL alive',
    isLoss: false,
    strike: (pair) => pair.killManager(),
    watchSeconds: 30,
  },
  {
    ...plain,
    name: 'frozen',
    summary: 'site frozen, thawed 3 s after the takeover',
    strike: async (pair) => pair.freeze(),
    afterwards: { afterSeconds: 3, act: (pair) => pair.thaw() },
    watchSeconds: 20,
  },
  {
    ...plain,
    name: 'cut',
    summary: 'cut off but alive, reachable by clients',
    strike: (pair) => pair.cut(),
    watchSeconds: 15,
  },
  {
    ...plain,
    name: 'silent',
    summary: 'silent instead of refusing',
    strike: (pair) => pair.silence(),
  },
];
