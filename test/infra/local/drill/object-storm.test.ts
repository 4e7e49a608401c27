// A storm of objects, short: both buckets written at once, events lost and doubled, functions killed, and both sides end equal.
import { describe, expect, it } from 'vitest';
import { stormOf } from '../../../../infra/local/drill/scenarios/object-storm.ts';
import { drillPlayer, drillTimeout } from './play.ts';

describe('the storm of objects', { timeout: drillTimeout }, () => {
  const play = drillPlayer();

  it('ends with equal buckets and the right winners, and the writer is where it was', async () => {
    const mebibytes = 1024 ** 2;
    const size = { deeds: 200, keys: 30, largeKeys: 1, largeBytes: 9 * mebibytes, usersAtOnce: 6, windowedOneIn: 0 };
    const { report } = await play(stormOf(size));
    expect(report).toMatchObject({ epochBefore: 1, epochAfter: 1, lostWrites: 0, steps: [] });
    expect(report.objectives.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'objects that differ between the sides',
        'objects whose winner is not what the rule says',
        'acknowledged versions that are lost',
        'writes of ours once both sides were equal',
      ]),
    );
    expect(Number.parseInt(report.facts['objects compared byte for byte'] ?? '0', 10)).toBeGreaterThan(5);
  });
});
