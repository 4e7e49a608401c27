// What a lookout says of a site: for how long, and what a time-out speaks about.
import { expect, it } from 'vitest';
import { createLookout } from '../../../shared/engine/lookout.ts';
import type { Observation } from '../../../shared/ports/probe.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { theStrategy } from '../../support/strategy.ts';

const strategy = theStrategy();
const aws = strategy.sites.find(({ name }) => name === 'aws');

/** AWS lets every probe time out after two seconds; GCP answers at once, unless nobody does. */
function lookoutOf({ cutOff }: { cutOff: boolean }) {
  const clock = createManualClock();
  let silent = false;
  const observation = (health: Observation['health']): Observation =>
    ({ health, because: 'as the test has it', latencySeconds: 0 }) as Observation;
  const lookout = createLookout({
    strategy,
    clock,
    probe: {
      check: async (url) => {
        if (!silent || (!cutOff && url !== aws?.healthUrl)) return observation('healthy');
        if (url === aws?.healthUrl) clock.advance(2);
        return observation('unknown');
      },
    },
  });
  return { clock, lookout, fallSilent: () => (silent = true) };
}

it('counts from when the first probe was sent that got no answer', async () => {
  const { clock, lookout, fallSilent } = lookoutOf({ cutOff: false });
  await lookout.look(true);
  clock.advance(3);
  fallSilent();
  expect((await lookout.look(true)).aws).toMatchObject({ health: 'unhealthy', forSeconds: 2 });
  clock.advance(1);
  expect((await lookout.look(true)).aws).toMatchObject({ health: 'unhealthy', forSeconds: 5 });
});

it('takes a time-out for its own, where nothing else has answered', async () => {
  const { lookout, fallSilent } = lookoutOf({ cutOff: true });
  await lookout.look(true);
  fallSilent();
  expect((await lookout.look(false)).aws).toMatchObject({ health: 'unknown' });
});
