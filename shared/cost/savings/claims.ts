// Four things that are often said of saving in two clouds, held against this estate: inputs to check, not results to print.
import type { Amount } from '../../model/cost.ts';
import { addAmounts, compareAmounts, percentOf } from '../money.ts';
import type { CategoryRow, Claim, Opportunity } from '../report/report-shape.ts';
import type { SavingsBase } from './base.ts';

export type ClaimInput = {
  base: SavingsBase;
  categories: readonly CategoryRow[];
  opportunities: readonly Opportunity[];
  total: Amount;
};

export function checkClaims({ base, categories, opportunities, total }: ClaimInput): Claim[] {
  const saved = (...ids: string[]) =>
    addAmounts(...opportunities.filter(({ id }) => ids.includes(id)).map(({ monthly }) => monthly));
  const costs = (...wanted: string[]) =>
    addAmounts(...base.slices.filter(({ category }) => wanted.includes(category)).map(({ open }) => open));
  const compute = costs('compute');
  const committable = costs('compute', 'database', 'cache');
  return [
    placementClaim(categories),
    shareClaim(
      { claim: 'spot and preemptible instances save 60 % of compute', claimedPercent: '60', of: 'all of compute' },
      percentOf(saved('spot'), compute, 1),
      'the discount is had only on the part that may be interrupted',
    ),
    shareClaim(
      { claim: 'reserved capacity saves 40 %', claimedPercent: '40', of: 'compute, databases and caches' },
      percentOf(saved('compute-commitment', 'database-commitment'), committable, 1),
      'the discount is had only on what runs all year, is not spot, and is paid for a year; 40 % takes three years or paying upfront',
    ),
    shareClaim(
      { claim: 'all of it together saves 20 to 30 %', claimedPercent: '20 to 30', of: 'the month' },
      percentOf(total, base.total, 1),
      'each is reckoned on what those before it left',
    ),
  ];
}

function placementClaim(categories: readonly CategoryRow[]): Claim {
  const claim = 'compute is 15 % cheaper at Google Cloud';
  const cheaper = categories.find(({ category }) => category === 'compute')?.cheaper ?? null;
  if (cheaper === null) {
    const because = 'compute is not known of both providers on the same days';
    return { claim, claimedPercent: '15', herePercent: null, verdict: 'cannot-be-told', because };
  }
  const holds = cheaper.provider === 'gcp' && compareAmounts(cheaper.percent, '15') >= 0;
  const where = cheaper.provider === 'gcp' ? 'GCP' : 'AWS';
  return {
    claim,
    claimedPercent: '15',
    herePercent: cheaper.percent,
    verdict: holds ? 'holds' : 'does-not-hold',
    because: `${where} compute costs ${cheaper.percent} % less in this table; bills are compared, and not machines: what runs there may be less, or smaller`,
  };
}

function shareClaim(
  { claim, claimedPercent, of }: { claim: string; claimedPercent: string; of: string },
  herePercent: Amount | null,
  why: string,
): Claim {
  const about = { claim, claimedPercent, herePercent };
  if (herePercent === null)
    return { ...about, verdict: 'cannot-be-told', because: `nothing is known to be spent on ${of}` };
  const least = claimedPercent.split(' ')[0] ?? '0';
  const verdict = compareAmounts(herePercent, least) >= 0 ? 'holds' : 'does-not-hold';
  return { ...about, verdict, because: `here it is ${herePercent} % of ${of}: ${why}` };
}
