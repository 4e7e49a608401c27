// Savings are never more than there is to save, whatever the estate, and saying a thing twice does not save twice.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addAmounts, amountOf, compareAmounts } from '../../../../shared/cost/money.ts';
import { ASSUMPTIONS } from '../../../../shared/cost/savings/assumptions.ts';
import { savingsBase } from '../../../../shared/cost/savings/base.ts';
import { findSavings } from '../../../../shared/cost/savings/find-savings.ts';
import { OPPORTUNITIES } from '../../../../shared/cost/savings/opportunities.ts';
import type { Spent } from '../../../../shared/cost/spent.ts';
import { costCategories } from '../../../../shared/model/cost.ts';

type One = Omit<Spent, 'date'>;
const estate = { standby: 'gcp', production: 'production' } as const;

const one = (changes: Partial<One>): One => ({
  provider: 'aws',
  category: 'compute',
  service: 'any',
  environment: 'production',
  transfer: false,
  currency: 'USD',
  amount: '1000',
  ...changes,
});

const spent = fc.array(
  fc.record({
    provider: fc.constantFrom('aws' as const, 'gcp' as const),
    category: fc.constantFrom(...costCategories),
    service: fc.constant('any'),
    environment: fc.constantFrom('production', 'staging', 'development', null),
    transfer: fc.boolean(),
    currency: fc.constantFrom('USD', 'EUR'),
    // Credits among them.
    amount: fc.integer({ min: -200_000, max: 1_000_000 }).map((cents) => amountOf(`${cents}e-3`)),
  }),
  { maxLength: 30 },
);
const percents = fc.dictionary(
  fc.constantFrom(...Object.keys(ASSUMPTIONS).filter((name) => name.endsWith('_percent'))),
  fc.integer({ min: 0, max: 100 }),
);

describe('savings', () => {
  it('never come to more than the month costs, whatever it holds and whatever is assumed', () => {
    fc.assert(
      fc.property(spent, percents, (all, overrides) => {
        const base = savingsBase(all, 'USD');
        const { total, opportunities } = findSavings(base, estate, overrides);
        const most = compareAmounts(base.total, '0') > 0 ? base.total : '0';
        expect(compareAmounts(total, most)).toBeLessThanOrEqual(0);
        expect(addAmounts(...opportunities.map(({ monthly }) => monthly))).toBe(total);
        for (const { monthly, base: own } of opportunities) {
          expect(compareAmounts(monthly, '0')).toBeGreaterThan(0);
          expect(compareAmounts(monthly, own)).toBeLessThanOrEqual(0);
        }
      }),
    );
  });

  it('are the same when an opportunity is named twice, and in whatever order the bill comes', () => {
    fc.assert(
      fc.property(spent, fc.infiniteStream(fc.nat()), (all, chance) => {
        const found = findSavings(savingsBase(all, 'USD'), estate, {});
        const shuffled = all
          .map((each) => ({ each, at: chance.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ each }) => each);
        expect(findSavings(savingsBase(shuffled, 'USD'), estate, {})).toEqual(found);
        expect(findSavings(savingsBase(all, 'USD'), estate, {}, [...OPPORTUNITIES, ...OPPORTUNITIES])).toEqual(found);
      }),
    );
  });

  it('are reckoned on what is left: spot is not committed to', () => {
    const { opportunities } = findSavings(savingsBase([one({})], 'USD'), estate, { placement_share_percent: 0 });
    expect(opportunities.map(({ id, arithmetic }) => [id, arithmetic])).toEqual([
      ['spot', '$1,000.00 × 15 % × 60 % = $90.00'],
      ['compute-commitment', '$850.00 × 60 % × 28 % = $142.80'],
    ]);
  });

  it('let the standby run small only where it is the standby', () => {
    const standby = one({ provider: 'gcp', category: 'kubernetes', amount: '80' });
    const ids = (role: 'aws' | 'gcp') =>
      findSavings(savingsBase([standby], 'USD'), { standby: role, production: 'production' }, {}).opportunities.map(
        ({ id }) => id,
      );
    expect(ids('gcp')).toEqual(['idle-standby']);
    expect(ids('aws')).toEqual([]);
  });

  it('leave alone what has no environment: it may be production', () => {
    const { opportunities } = findSavings(savingsBase([one({ environment: null })], 'USD'), estate, {});
    expect(opportunities.map(({ id }) => id)).toEqual(['placement', 'compute-commitment']);
  });

  it('say of a private line that it does not pay, with the sum', () => {
    const small = findSavings(
      savingsBase([one({ category: 'network', transfer: true, amount: '185' })], 'USD'),
      estate,
      {},
    );
    expect(small.opportunities).toEqual([]);
    expect(small.considered).toContainEqual({
      id: 'egress',
      title: 'Send what goes between the clouds over a private line',
      because: '$185.00 × 77.78 % = $143.89, less $438.00 a month',
    });
    const large = findSavings(
      savingsBase([one({ category: 'network', transfer: true, amount: '9000' })], 'USD'),
      estate,
      {},
    );
    expect(large.opportunities.map(({ id, monthly }) => [id, monthly])).toEqual([['egress', '6562.2']]);
  });

  it('take credits from everything in proportion, since nothing is saved on them', () => {
    const all = [one({}), one({ provider: 'gcp', category: 'other', amount: '-500' })];
    const { opportunities } = findSavings(savingsBase(all, 'USD'), estate, {});
    expect(opportunities[0]).toMatchObject({ id: 'placement', base: '500' });
  });

  it('go by what the strategy assumes instead, and say so', () => {
    const { opportunities } = findSavings(savingsBase([one({})], 'USD'), estate, { spot_discount_percent: 90 });
    const spot = opportunities.find(({ id }) => id === 'spot');
    expect(spot?.assumptions).toContainEqual(
      expect.objectContaining({ name: 'spot_discount_percent', value: 90, overridden: true }),
    );
    expect(() => findSavings(savingsBase([one({})], 'USD'), estate, { spot_discount_percent: 140 })).toThrow(
      'cost.savings.spot_discount_percent is 140: from 0 to 100',
    );
  });

  it('rest on assumptions that name their source and their day', () => {
    for (const { source, asOf, means } of Object.values(ASSUMPTIONS)) {
      expect(source.length + means.length).toBeGreaterThan(10);
      expect(asOf).toMatch(/^2026-\d\d-\d\d$/);
    }
    const used = new Set<string>(OPPORTUNITIES.flatMap(({ assumptions }) => assumptions));
    expect(Object.keys(ASSUMPTIONS).filter((name) => !used.has(name))).toEqual([]);
  });
});
