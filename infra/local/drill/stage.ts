// The stage of a drill: what a scenario's story can do to the world, see in it, wait for and demand.

import type { Situation } from '../../../shared/model/situation.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import type { DirectWrite, DnsRequest } from '../load/records.ts';
import { judgeObjective, type Objective, type TimelineEntry } from '../report/report.ts';
import type { Timeline } from '../report/timeline.ts';
import type { World } from '../world/world.ts';
import { areServed } from './measures.ts';
import type { CommandResult } from './operator-command.ts';
import type { Story } from './story.ts';

type Lane = TimelineEntry['lane'];

export type Stage = {
  world: World;
  story: Story;
  requests: () => readonly DnsRequest[];
  direct: () => readonly DirectWrite[];
  nowSeconds: () => number;
  /** The register as it was last read; it is read every second. */
  situation: () => Situation;
  /** The failure: from it all times of the report are counted. To be done once, and first. */
  fail: (lane: Lane, text: string, deed: () => Promise<unknown>) => Promise<void>;
  /** Anything else that is done to the world. Answers when it was done. */
  act: (lane: Lane, text: string, deed: () => Promise<unknown>) => Promise<number>;
  /** The same, for what makes it better. */
  mend: (lane: Lane, text: string, deed: () => Promise<unknown>) => Promise<number>;
  /** An operator's command line, as typed at a terminal outside both clouds. */
  operator: (...args: string[]) => Promise<CommandResult>;
  /**
   * Waits until that is seen, which is an objective of the drill: within so many seconds of the last act, or of the time given. Throws
   * `WaitedInVain`, which ends the story, when it is not.
   */
  until: (what: string, withinSeconds: number, seen: () => boolean, sinceSeconds?: number) => Promise<void>;
  /** All clients acknowledged, without a break for as long as the drill asks, from now on. */
  untilServed: (withinSeconds: number) => Promise<void>;
  pass: (seconds: number) => Promise<void>;
  demand: (objective: Objective) => void;
  /** A finding that is no number, for the report. */
  note: (name: string, value: string) => void;
};

/** What a story waited for has not come: it ends there, and the report says so. */
export class WaitedInVain extends Error {
  override name = 'WaitedInVain';
}

export type StageDeps = {
  world: World;
  story: Story;
  timeline: Timeline;
  clock: Clock;
  clients: readonly string[];
  requests: () => readonly DnsRequest[];
  direct: () => readonly DirectWrite[];
  situation: () => Situation;
  operator: Stage['operator'];
  sustainedSeconds: number;
  onFailure: () => void;
};

export type StageManager = { stage: Stage; objectives: () => Objective[]; notes: () => Record<string, string> };

const lookSeconds = 0.1;

export function createStage(deps: StageDeps): StageManager {
  const { clock, timeline } = deps;
  const objectives: Objective[] = [];
  const notes: Record<string, string> = {};
  let actedSeconds = clock.elapsedSeconds();

  const doing =
    (tone: TimelineEntry['tone']): Stage['act'] =>
    async (lane, text, deed) => {
      timeline.entry(lane, text, tone);
      actedSeconds = clock.elapsedSeconds();
      await deed();
      return actedSeconds;
    };
  const act = doing('bad');

  const until: Stage['until'] = async (what, withinSeconds, seen, sinceSeconds = actedSeconds) => {
    while (!seen()) {
      if (clock.elapsedSeconds() - sinceSeconds > withinSeconds) {
        objectives.push(judgeObjective(what, 'seconds', withinSeconds, null));
        throw new WaitedInVain(`waited ${withinSeconds} s in vain: ${what}`);
      }
      await clock.sleep(lookSeconds);
    }
    objectives.push(judgeObjective(what, 'seconds', withinSeconds, clock.elapsedSeconds() - sinceSeconds));
  };

  const stage: Stage = {
    world: deps.world,
    story: deps.story,
    requests: deps.requests,
    direct: deps.direct,
    nowSeconds: clock.elapsedSeconds,
    situation: deps.situation,
    operator: deps.operator,
    act,
    mend: doing('good'),
    fail: async (lane, text, deed) => {
      deps.onFailure();
      await act(lane, text, deed);
    },
    until,
    untilServed: (withinSeconds) => {
      const sinceSeconds = clock.elapsedSeconds();
      const forSeconds = deps.sustainedSeconds;
      const served = () =>
        areServed(deps.requests(), deps.clients, { nowSeconds: clock.elapsedSeconds(), sinceSeconds, forSeconds });
      return until('every client is served again, without a break', withinSeconds + forSeconds, served, sinceSeconds);
    },
    pass: (seconds) => clock.sleep(seconds),
    demand: (objective) => void objectives.push(objective),
    note: (name, value) => {
      notes[name] = value;
      timeline.say(`  ${name}: ${value}`);
    },
  };
  return { stage, objectives: () => objectives, notes: () => notes };
}
