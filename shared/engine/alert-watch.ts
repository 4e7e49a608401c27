// Alerts on replication lag: told once per episode when the condition has held for its duration, and once when it is over.
import type { Register } from '../authority/register.ts';
import { type AlertStep, stepAlert } from '../decision/alerts.ts';
import type { Lag } from '../decision/lag.ts';
import type { Notification } from '../model/notification.ts';
import type { Alert } from '../model/scenario.ts';
import type { AlertEpisode, Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import { createEpisodes } from './episodes.ts';
import type { Tell } from './tell.ts';

export type AlertWatch = {
  /** `lag` null: could not be found out, which neither begins nor ends an episode. */
  look(situation: Situation, lag: Lag | null): Promise<void>;
};

type Deps = {
  strategy: Strategy;
  register: Register<Situation>;
  clock: Clock;
  chance: Chance;
  tell: Pick<Tell, 'send'>;
  onCommitted: (situation: Situation) => void;
};

const metric = 'db_replication_lag';

export function createAlertWatch(deps: Deps): AlertWatch {
  const alerts = deps.strategy.alerts.filter((alert) => alert.metric === metric);

  const episodes = createEpisodes(deps);

  async function tellAll(alert: Alert, episode: AlertEpisode, over: boolean, lag: Lag): Promise<void> {
    for (const { action } of alert.actions) {
      if (action.kind !== 'notify' && action.kind !== 'escalate') continue;
      await deps.tell.send(action.channel, message(alert, episode, over, lag, action.kind));
    }
  }

  /** The episode in the register is the intent; its id makes a message that is sent twice one message. */
  async function carryOut(alert: Alert, step: AlertStep, lag: Lag): Promise<void> {
    switch (step.kind) {
      case 'nothing':
        return;
      case 'begin': {
        const since = deps.clock.now().toISOString();
        const episode = { alert: alert.name, id: deps.chance.id(), since, told: false, about: [] };
        await episodes.begin(episode);
        return;
      }
      case 'tell':
        await tellAll(alert, step.episode, false, lag);
        await episodes.markTold(step.episode.id);
        return;
      case 'end':
        if (step.episode.told) await tellAll(alert, step.episode, true, lag);
        await episodes.end(step.episode.id);
    }
  }

  return {
    async look(situation, lag) {
      if (lag === null || situation.paused) return;
      for (const alert of alerts) {
        const episode = situation.episodes.find((one) => one.alert === alert.name) ?? null;
        await carryOut(alert, stepAlert(alert, episode, lag.seconds, deps.clock.now()), lag);
      }
    },
  };
}

function message(alert: Alert, episode: AlertEpisode, over: boolean, lag: Lag, kind: string): Notification {
  const condition = `${alert.metric} ${alert.comparison} ${alert.threshold} s`;
  return {
    dedupKey: `alert/${alert.name}/${episode.id}/${kind}/${over ? 'over' : 'began'}`,
    kind: 'message',
    severity: over ? 'info' : kind === 'escalate' ? 'high' : 'medium',
    title: over ? `${alert.name} is over` : `${alert.name}: ${condition} for ${alert.durationSeconds} s`,
    text: `${condition} has ${over ? 'stopped holding' : 'held'} since ${episode.since}; the lag is ${lag.seconds.toFixed(1)} s (${lag.because}).`,
    source: 'replication',
  };
}
