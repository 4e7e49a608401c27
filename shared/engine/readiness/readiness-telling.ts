// Telling of what is not ready, before the disaster: once when it has stood for minutes, once when it is over, as an incident of its own.
import type { Register } from '../../authority/register.ts';
import { byLoudness, keyOf, type ReadinessFinding, some } from '../../decision/readiness/finding.ts';
import { stepTelling, type TellingStep } from '../../decision/readiness/standing.ts';
import type { JournalEvent } from '../../model/journal.ts';
import type { Notification } from '../../model/notification.ts';
import type { Standing } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import type { AlertEpisode, Situation } from '../../model/situation.ts';
import type { Strategy } from '../../model/strategy.ts';
import type { Chance, Clock } from '../../ports/clock.ts';
import { createEpisodes } from '../episodes.ts';
import { incidentDesk } from '../steps/tell.ts';
import type { Tell } from '../tell.ts';

export type ReadinessTelling = {
  /** Nothing is told while automation is paused or a run is open: people know then, and much is as it should not be. */
  look(situation: Situation, standings: Standing[], followed: ReadinessFinding[]): Promise<void>;
};

type Deps = {
  strategy: Strategy;
  site: SiteName;
  register: Register<Situation>;
  tell: Pick<Tell, 'send'>;
  journal: (event: JournalEvent, epoch: number | null) => Promise<void>;
  clock: Clock;
  chance: Chance;
  onCommitted: (situation: Situation) => void;
};

export function createReadinessTelling(deps: Deps): ReadinessTelling {
  const { strategy, site, clock, chance } = deps;
  // With blanks, which keep it apart from the alerts that a strategy names.
  const alert = `readiness at ${site}`;
  const episodes = createEpisodes(deps);

  async function send(message: Pick<Notification, 'kind' | 'severity' | 'title' | 'text'>, id: string): Promise<void> {
    const channel = incidentDesk(strategy)?.name;
    if (channel === undefined) return;
    const title = `${strategy.application}: ${message.title}`;
    await deps.tell.send(channel, { dedupKey: `readiness/${site}/${id}`, source: site, ...message, title });
  }

  async function tellBegun({ id, about }: AlertEpisode, followed: ReadinessFinding[], epoch: number): Promise<void> {
    const open = followed.filter((finding) => about.includes(keyOf(finding))).toSorted(byLoudness);
    const said = open.map((finding) => `${keyOf(finding)}: ${finding.found}`);
    await deps.journal({ kind: 'readiness-lost', site, findings: said }, epoch);
    const ways = open.map(({ wayOut }, index) => `${said[index]}.${wayOut === null ? '' : ` Way out: ${wayOut}.`}`);
    const last =
      'A failover is not blocked by this, and may not come out as you expect. `causeway readiness` shows all of it.';
    await send(
      {
        kind: 'incident-opened',
        severity: open[0]?.severity ?? 'high',
        title: `not ready: ${some(about, 3)}`,
        text: [...ways, last].join('\n'),
      },
      id,
    );
    await episodes.markTold(id);
  }

  async function begin(keys: string[], followed: ReadinessFinding[], epoch: number): Promise<void> {
    const episode = { alert, id: chance.id(), since: clock.now().toISOString(), told: false, about: keys };
    await episodes.begin(episode);
    await tellBegun(episode, followed, epoch);
  }

  /** One that was never told ends without a word. */
  async function end({ id, about, told }: AlertEpisode, followed: ReadinessFinding[], epoch: number): Promise<void> {
    if (told) {
      const open = followed.filter(({ verdict }) => verdict === 'not-ready' || verdict === 'unknown').map(keyOf);
      const rest = open.length === 0 ? `${site} is ready.` : `Still not ready: ${some(open)}.`;
      await deps.journal({ kind: 'readiness-regained', site, about }, epoch);
      await send(
        {
          kind: 'incident-resolved',
          severity: 'info',
          title: `ready again: ${some(about, 3)}`,
          text: `${about.join('; ')}: over for some minutes. ${rest}`,
        },
        id,
      );
    }
    await episodes.end(id);
  }

  function carryOut(step: TellingStep, followed: ReadinessFinding[], epoch: number): Promise<void> {
    switch (step.kind) {
      case 'begin':
        return begin(step.keys, followed, epoch);
      case 'tell':
        return tellBegun(step.episode, followed, epoch);
      case 'end':
        return end(step.episode, followed, epoch);
    }
  }

  return {
    async look(situation, standings, followed) {
      if (situation.paused || situation.run) return;
      const ours = situation.episodes.filter((one) => one.alert === alert);
      for (const step of stepTelling(standings, ours, clock.now())) await carryOut(step, followed, situation.epoch);
    },
  };
}
