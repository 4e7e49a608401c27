// Telling people how a planned move ended: done, given up with the writer where it was, or done with something left to do.
import type { Severity } from '../model/notification.ts';
import type { Run } from '../model/run.ts';
import type { Strategy } from '../model/strategy.ts';
import { incidentDesk } from './steps/tell.ts';
import type { Tell } from './tell.ts';

type Deps = {
  strategy: Strategy;
  tell: Pick<Tell, 'send'>;
  onTrouble: (where: string, error: unknown) => void;
};

/** Once for each run, whoever of the keepers sees its end. Other runs tell by their own steps. */
export async function tellOfMove({ strategy, tell, onTrouble }: Deps, run: Run): Promise<void> {
  const { handOver, id, target, outcome } = run;
  const channel = channelFor(strategy, run);
  if (handOver === null || channel === undefined || outcome === null || outcome === 'abandoned') return;
  const said = saying(run);
  try {
    await tell.send(channel, {
      dedupKey: `${id}/end`,
      kind: 'message',
      severity: said.severity,
      title: `${strategy.application}: the switchover from ${handOver.from} to ${target} ${said.title}`,
      text: [...said.text, ...undone(run), 'See `causeway status` for what is so now.'].join('\n'),
      source: target,
    });
  } catch (error) {
    onTrouble('telling how a planned move ended', error);
  }
}

/** Those who were told that it began; what did not go well goes to the incident desk. */
function channelFor(strategy: Strategy, { steps, outcome }: Run): string | undefined {
  if (outcome !== 'done') return incidentDesk(strategy)?.name;
  return steps.flatMap(({ action }) => (action.kind === 'notify' ? [action.channel] : []))[0];
}

function saying({ handOver, target, outcome }: Run): { severity: Severity; title: string; text: string[] } {
  const from = handOver?.from ?? 'the writer';
  switch (outcome) {
    case 'done':
      return { severity: 'info', title: 'is done', text: [`${target} is the writer, and ${from} follows it.`] };
    case 'aborted':
      return {
        severity: 'high',
        title: 'was given up',
        text: [
          `${from} stays the writer: where it was fenced, its keeper opens it again at the next epoch by itself. No acknowledged write is lost.`,
          'Nothing is tried again by itself: `causeway switchover --to <site>` shows what stands in the way.',
        ],
      };
    case 'overtaken':
      return {
        severity: 'high',
        title: 'gave way to a loss',
        text: ['The writer was lost in the middle of it; what follows is decided as for any loss.'],
      };
    default:
      return {
        severity: 'high',
        title: 'left something to do',
        text: [`${target} is the writer. Until ${from} follows it there may be no standby.`],
      };
  }
}

function undone({ steps }: Run): string[] {
  return steps
    .filter(({ status }) => status !== 'done')
    .map(
      ({ written, status, blocker, detail }) =>
        `- ${written}: ${status}${(blocker ?? detail) ? `, ${blocker ?? detail}` : ''}`,
    );
}
