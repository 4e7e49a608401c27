// The fake source of costs keeps what the real ones keep.
import { costSourceContract, environmentOf, rowsPerPage, startsAt, tag } from '../contract/cost-source.ts';
import { scriptedChance } from '../infra/local/chance.ts';
import { createFakeCostSource } from './fake-cost-source.ts';
import { createManualClock } from './manual-clock.ts';

costSourceContract('fake', async () => {
  const clock = createManualClock(startsAt);
  const said: string[] = [];
  const fake = createFakeCostSource({
    provider: 'aws',
    tag,
    environmentOf,
    rowsPerPage,
    clock,
    chance: scriptedChance(),
    say: (sentence) => said.push(sentence),
    now: clock.now,
  });
  return {
    source: fake,
    tell: fake.tell,
    fail(fault) {
      if (fault.kind === 'break-half-way') return fake.breakHalfWay();
      const troubles = {
        throttle: 'throttled',
        refuse: 'refused',
        'not-there': 'not-there-yet',
        silence: 'time-out',
      } as const;
      fake.fail(troubles[fault.kind], fault.kind === 'throttle' ? fault.requests : Number.POSITIVE_INFINITY);
    },
    waitedSeconds: clock.elapsedSeconds,
    said: () => said,
    services: { compute: 'Amazon Elastic Compute Cloud - Compute', storage: 'Amazon Simple Storage Service' },
    tellsEmptyDays: true,
    totalsEveryCurrency: true,
    double: fake.double,
    close: async () => {},
  };
});
