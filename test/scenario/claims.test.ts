// Claims on steps: whoever dies with one is followed by another of its site, however the lives of its keepers overlap.
import { describe, expect, it } from 'vitest';
import type { Strategy } from '../../shared/model/strategy.ts';
import { begin, runEnds, type Story, writersInOrder } from '../support/estate/story.ts';

/** The keeper that promotes dies in the middle of it, and everything else of its site lives on. */
function killThePromoter({ schedules }: Story): () => boolean {
  let killed = false;
  schedules.onCall(({ port, method }, mortal) => {
    if (killed || port !== 'promotion' || method !== 'detach') return;
    killed = true;
    mortal.kill();
  });
  return () => killed;
}

/** A provider's promotion takes minutes, and so may the claim on it: longer than a keeper has the word. */
const managed = (strategy: Strategy): Strategy => ({
  ...strategy,
  replication: { ...strategy.replication, method: 'managed' },
});

describe('when the keeper that promotes dies near the end of its life', () => {
  it.each([0, 15, 30, 45])(
    'the next that has watched the claim long enough goes on (%i s after the others)',
    async (waitSeconds) => {
      const story = await begin({ seed: 91, change: managed });
      const { estate, schedules } = story;
      await estate.pass(waitSeconds);
      const killed = killThePromoter(story);
      schedules.killSite('aws');
      // A claim of 90 s, seen by a keeper that was there when it was made; until then another keeper of the site has the word.
      await estate.until('GCP takes writes', () => estate.clients.acknowledged.at(-1)?.site === 'gcp', 220);
      expect(killed()).toBe(true);
      expect(await runEnds(story, 120)).toMatchObject({ outcome: 'done' });
      expect(writersInOrder(estate)).toEqual(['aws', 'gcp']);
    },
    30_000,
  );
});
