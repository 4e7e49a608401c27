// Alerts on replication lag: told once per episode when the condition has held for its duration, and once when it is over.
import type { Register } from '../authority/register.ts';
import { next, onExisting, to } from '../authority/situation-changes.ts';
import { type AlertStep, stepAlert } from '../decision/alerts.ts';
import type { Notification } from '../model/notification.ts';
import type { Alert } from '../model/scenario.ts';
import type { AlertEpisode, Situation } from '../model/situation.ts';
import type { Strategy } from '../model/strategy.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { Tell } from './tell.ts';

export type AlertWatch = {
  /** `lagSeconds` null: could not be found out, which neither begins nor ends an episode. */
  look(situation: Situation, lagSeconds: number | null): Promise<void>;
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

  async function commit(change: (episodes: AlertEpisode[]) => AlertEpisode[]): Promise<boolean> {
    const result = await deps.register.change(
      deps.chance.id(),
      onExisting((current) => to({ ...next(current), episodes: change(current.episodes) })),
    );
    if (result.kind === 'committed') deps.onCommitted(result.value);
    return result.kind === 'committed';
  }

  async function tellAll(alert: Alert, episode: AlertEpisode, over: boolean, lagSeconds: number): Promise<void> {
    for (const { action } of alert.actions) {
      if (action.kind !== 'notify' && action.kind !== 'escalate') continue;
      await deps.tell.send(action.channel, message(alert, episode, over, lagSeconds, action.kind));
    }
  }

  /** The episode in the register is the intent; its id makes a message that is sent twice one message. */
  async function carryOut(alert: Alert, step: AlertStep, lagSeconds: number): Promise<void> {
    switch (step.kind) {
      case 'nothing':
        return;
      case 'begin': {
        const episode = { alert: alert.name, id: deps.chance.id(), since: deps.clock.now().toISOString(), told: false };
        await commit((all) => (all.some((one) => one.alert === alert.name) ? all : [...all, episode]));
        return;
      }
      case 'tell':
        await tellAll(alert, step.episode, false, lagSeconds);
        await commit((all) => all.map((one) => (one.id === step.episode.id ? { ...one, told: true } : one)));
        return;
      case 'end':
        if (step.episode.told) await tellAll(alert, step.episode, true, lagSeconds);
        await commit((all) => all.filter((one) => one.id !== step.episode.id));
    }
  }

  return {
    async look(situation, lagSeconds) {
      if (lagSeconds === null || situation.paused) return;
      for (const alert of alerts) {
        const episode = situation.episodes.find((one) => one.alert === alert.name) ?? null;
        await carryOut(alert, stepAlert(alert, episode, lagSeconds, deps.clock.now()), lagSeconds);
      }
    },
  };
}

function message(alert: Alert, episode: AlertEpisode, over: boolean, lagSeconds: number, kind: string): Notification {
  const condition = `${alert.metric} ${alert.comparison} ${alert.threshold} s`;
  return {
    dedupKey: `alert/${alert.name}/${episode.id}/${kind}/${over ? 'over' : 'began'}`,
    kind: 'message',
    severity: over ? 'info' : kind === 'escalate' ? 'high' : 'medium',
    title: over ? `${alert.name} is over` : `${alert.name}: ${condition} for ${alert.durationSeconds} s`,
    text: `${condition} has ${over ? 'stopped holding' : 'held'} since ${episode.since}; the lag is ${lagSeconds.toFixed(1)} s now.`,
    source: 'replication',
  };
}
