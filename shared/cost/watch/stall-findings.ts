// Snapshots that stand still: nothing heard of costs is not nothing spent. Pure.
import type { CostState } from '../../model/cost-day.ts';
import type { Provider } from '../../model/site.ts';
import type { WatchFinding } from './finding.ts';

/** Exports are late by days; everything else has had a second and a third try by then. */
const PATIENCE_HOURS = 36;
const LATE_PATIENCE_HOURS = 96;
const HOUR_MILLIS = 3_600_000;

type Context = { application: string; channels: readonly string[]; now: Date };

/** Of each provider the day that has been in trouble for longest, and a run that has not come for two days. */
export function stallFindings(
  providers: readonly Provider[],
  states: readonly CostState[],
  { application, channels, now }: Context,
): WatchFinding[] {
  const hoursSince = (time: string) => (now.getTime() - Date.parse(time)) / HOUR_MILLIS;
  return providers.flatMap((provider) => {
    const state = states.find((one) => one.provider === provider);
    if (!state) return [];
    const about = { application, channels, provider };
    const silent = hoursSince(state.lastRunTime) > PATIENCE_HOURS;
    const [worst] = state.troubled
      .filter(
        ({ trouble, sinceTime }) =>
          hoursSince(sinceTime) > (trouble === 'not-there-yet' ? LATE_PATIENCE_HOURS : PATIENCE_HOURS),
      )
      .sort((one, other) => one.sinceTime.localeCompare(other.sinceTime));
    return [
      ...(silent
        ? [
            stalled(
              about,
              state.lastRunTime,
              `No snapshot of ${provider} has been taken since ${state.lastRunTime}: look at the schedule and the log of its function on-cost.`,
            ),
          ]
        : []),
      ...(worst
        ? [
            stalled(
              about,
              worst.sinceTime,
              `${worst.date} could not be taken since ${worst.sinceTime}, in ${worst.attempts} attempts: ${worst.because}`,
            ),
          ]
        : []),
    ];
  });
}

function stalled(
  { application, channels, provider }: Omit<Context, 'now'> & { provider: Provider },
  since: string,
  because: string,
): WatchFinding {
  const id = `stalled/${provider}/${since.slice(0, 10)}`;
  return {
    id,
    covers: [],
    near: null,
    channels,
    notification: {
      dedupKey: `cost/${id}`,
      kind: 'message',
      severity: 'medium',
      title: `${application}: what ${provider} costs is not known any more`,
      text: [
        because,
        'What is not known is in no sum, and neither budgets nor anomalies see it. `causeway cost report` names the days.',
      ].join('\n'),
      source: provider,
    },
  };
}
