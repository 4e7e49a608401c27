// The plan of a world, drawn from its seed: which faults befall it, when and for how long, and how its clocks go.
// By the "swarm" scheme (Groce et al., "Swarm Testing", ISSTA 2012): each seed knows only some kinds of faults, so that calm worlds and rare
// combinations both occur.
import { seededChance } from '../support/virtual-time.ts';
import { type FaultName, faultNames } from './faults/faults.ts';
import type { World } from './world.ts';

/** `within`: clocks go as differently as the margin allows. `beyond`: more than that, and a promise may be lost. */
export type ClockMode = 'within' | 'beyond';

export type Episode = { fault: FaultName; fromSeconds: number; forSeconds: number; seed: number };

export type Plan = {
  seed: number;
  stormSeconds: number;
  /** How often a keeper is started, and how long it lives. */
  everySeconds: number;
  lifetimeSeconds: number;
  timeoutSeconds: number;
  /** Clocks of processes and databases go between 1 - this and 1 + this. */
  rateSpread: number;
  /** Each of them goes at one end of that. */
  ratesAtLimit: boolean;
  /** How long the commit of a slow client takes from its last check to the disk, at most. */
  commitSeconds: number;
  episodes: Episode[];
};

/** `focus`: these kinds of faults are in every plan, and few others are: a planted bug is found sooner. */
export type Focus = {
  faults: FaultName[];
  timeoutSeconds?: number;
  commitSeconds?: number;
  /** Clocks differ by all that the margin allows. */
  ratesAtLimit?: boolean;
  twoOverlap?: boolean;
  /** What else makes it show: messages of one kind that are lost or late more often than in any storm. */
  bias?: (world: World) => void;
};

/** The estate has been well for a few beats. */
const beginsSeconds = 11;
/** How long a planned move may take, at most: while it goes on it is not calm. */
const moveSeconds = 15;
/** What makes the role move. */
const uproots: FaultName[] = [
  'writer-lost',
  'region-lost',
  'writer-isolated',
  'writer-cut-by-run',
  'application-unwell',
];

export function drawPlan(seed: number, clocks: ClockMode, focus: Focus | null): Plan {
  const chance = seededChance(seed * 31 + 17);
  const between = (least: number, most: number) => least + chance.fraction() * (most - least);
  const pick = (all: readonly FaultName[]) => all[Math.floor(chance.fraction() * all.length)] ?? 'partition';
  const episodes: Episode[] = [];
  const add = (fault: FaultName, fromSeconds: number, forSeconds: number) =>
    episodes.push({ fault, fromSeconds, forSeconds, seed: Math.floor(chance.fraction() * 2 ** 31) });

  // Most seeds take the role from its site at least once, and some let it come back.
  let uprootedSeconds = beginsSeconds;
  // Clocks matter where a writer is alive and its lease is waited out.
  const uproot = (): FaultName => (clocks === 'beyond' ? 'writer-isolated' : pick(uproots));
  for (let takeovers = Math.floor(chance.fraction() ** 1.1 * 3); takeovers > 0; takeovers -= 1) {
    uprootedSeconds += between(0, 15);
    add(uproot(), uprootedSeconds, between(30, 60));
    uprootedSeconds += between(42, 65);
  }
  // Where nothing uproots it, a person may move it, and back: both directions, also while other faults go on.
  const moves =
    uprootedSeconds === beginsSeconds && chance.fraction() < 0.6 ? 1 + Math.floor(chance.fraction() * 3) : 0;
  for (let move = 0; move < moves; move += 1) {
    uprootedSeconds += between(2, 15);
    add('planned-move', uprootedSeconds, moveSeconds);
    uprootedSeconds += between(25, 35);
  }
  const stormSeconds = Math.max(between(30, 80), uprootedSeconds - beginsSeconds);
  // Besides, a few kinds of faults out of all, a few times each; one seed in ten has none.
  const kinds = chance.fraction() < 0.1 ? 0 : 1 + Math.floor(chance.fraction() ** 2 * 6);
  for (const fault of focus?.faults ?? []) add(fault, beginsSeconds + between(0, 10), between(40, 70));
  for (const fault of Array.from({ length: kinds }, () => pick(faultNames))) {
    for (let times = 1 + Math.floor(chance.fraction() ** 2 * 3); times > 0; times -= 1) {
      const forSeconds = chance.fraction() < 0.6 ? between(1, 12) : between(12, 60);
      add(fault, beginsSeconds + chance.fraction() * stormSeconds, forSeconds);
    }
  }
  // Nothing is left to befall it: the storm is over.
  const lastSeconds = Math.max(
    beginsSeconds,
    ...episodes.map(({ fromSeconds, forSeconds }) => fromSeconds + forSeconds),
  );
  const slowCommits = chance.fraction() < 0.5 && !focus?.ratesAtLimit;
  // 18 s of a clock that is 8.5 % fast are 16.6 s, and 15 s of one that is 8.5 % slow are 16.4 s: that is all the margin gives.
  const widest = slowCommits ? 0.05 : 0.085;
  const ratesAtLimit = focus?.ratesAtLimit ?? (chance.fraction() < 0.3 || clocks === 'beyond');
  // As in production two overlap; or one follows the other closely, which costs half and is as much of a life for a claim to lapse in.
  const twoOverlap = focus?.twoOverlap ?? chance.fraction() < 0.3;
  return {
    seed,
    stormSeconds: Math.min(beginsSeconds + stormSeconds, lastSeconds),
    everySeconds: twoOverlap ? 60 : 92,
    lifetimeSeconds: twoOverlap ? 130 : between(98, 115),
    timeoutSeconds: focus?.timeoutSeconds ?? between(1.5, 4),
    rateSpread: clocks === 'beyond' ? between(0.1, 0.3) : ratesAtLimit ? widest : between(0, widest),
    ratesAtLimit,
    commitSeconds: focus?.commitSeconds ?? (slowCommits ? between(0.1, 1) : 0),
    episodes: episodes.sort((one, other) => one.fromSeconds - other.fromSeconds),
  };
}
