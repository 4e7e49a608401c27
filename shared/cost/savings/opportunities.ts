// The opportunities, in the order in which they are applied: each is reckoned on what those before it left.
import type { Amount } from '../../model/cost.ts';
import type { Provider } from '../../model/site.ts';
import { compareAmounts, divideAmount, subtractAmount } from '../money.ts';
import type { Opportunity } from '../report/report-shape.ts';
import type { AssumptionName } from './assumptions.ts';
import type { Slice, Take } from './base.ts';

/** What a strategy tells of the estate. Null: no provider of that role, or it is not known which environment is production. */
export type EstateShape = { standby: Provider | null; production: string | null };

/** Assumptions as they hold here: percents as parts of one, dollars as they are. */
export type Assumed = (name: AssumptionName) => Amount;

export type OpportunityRule = {
  id: string;
  title: string;
  confidence: Opportunity['confidence'];
  needs: readonly string[];
  assumptions: readonly AssumptionName[];
  /** Null: not about this slice. */
  take: (slice: Slice, estate: EstateShape, assumed: Assumed) => Take | null;
  /** What has to be paid for it each month, whatever it saves. */
  fee: AssumptionName | null;
};

const isCompute = ({ category }: Slice) => category === 'compute' || category === 'kubernetes';

/** By what part of `now` the other price is lower; nothing when it is not. */
function lessOf(now: Amount, then: Amount): Amount {
  return compareAmounts(now, then) > 0 ? divideAmount(subtractAmount(now, then), now, 4) : '0';
}

/** What is not tagged may be production: it is left alone. */
const isOutsideProduction = ({ environment }: Slice, { production }: EstateShape) =>
  environment !== null && production !== null && environment !== production;

/**
 * First what need not run, then where and in which class the rest is, then its price: a commitment is made on what is still there. Those that
 * settle a part take it out of reach of the later ones: what is spot already cannot be committed.
 */
export const OPPORTUNITIES: readonly OpportunityRule[] = [
  {
    id: 'idle-standby',
    title: 'Let the standby run small until it is needed',
    confidence: 'medium',
    needs: [
      'the standby starts the missing capacity within the RTO: a drill with the smaller floor holds it',
      'the provider has that capacity on the day: a reservation costs what is saved here',
    ],
    assumptions: ['standby_idle_percent'],
    take: (slice, { standby, production }, assumed) =>
      isCompute(slice) && slice.provider === standby && slice.environment !== null && slice.environment === production
        ? { share: assumed('standby_idle_percent'), rate: '1', settles: false }
        : null,
    fee: null,
  },
  {
    id: 'off-hours',
    title: 'Stop staging and development when nobody works',
    confidence: 'high',
    needs: ['nobody relies on them at night: no nightly tests, no other time zone', 'they start again by themselves'],
    assumptions: ['off_hours_share_percent', 'off_hours_percent'],
    take: (slice, estate, assumed) =>
      isCompute(slice) && isOutsideProduction(slice, estate)
        ? { share: assumed('off_hours_share_percent'), rate: assumed('off_hours_percent'), settles: false }
        : null,
    fee: null,
  },
  {
    id: 'storage-class',
    title: 'Move what is seldom read to a colder storage class',
    confidence: 'medium',
    needs: [
      'objects are larger than 128 KB and stay for 30 days, which is what is charged at least',
      'they are read less than once a month: reading costs a cent a gigabyte',
      'most of what storage costs is bytes, and not requests',
    ],
    assumptions: ['storage_cold_share_percent', 'storage_cold_discount_percent'],
    take: (slice, _estate, assumed) =>
      slice.category === 'storage' && !slice.transfer
        ? {
            share: assumed('storage_cold_share_percent'),
            rate: assumed('storage_cold_discount_percent'),
            settles: true,
          }
        : null,
    fee: null,
  },
  {
    id: 'placement',
    title: 'Run at Google Cloud what need not be at AWS',
    confidence: 'low',
    needs: [
      'it runs as well there: same architecture, same images',
      'it does not talk much to what stays: traffic between the clouds is charged',
      'machines of the same size are compared; yours may be of another family',
    ],
    assumptions: ['placement_share_percent', 'placement_discount_percent'],
    take: (slice, _estate, assumed) =>
      slice.category === 'compute' && slice.provider === 'aws'
        ? { share: assumed('placement_share_percent'), rate: assumed('placement_discount_percent'), settles: false }
        : null,
    fee: null,
  },
  {
    id: 'spot',
    title: 'Run on spot capacity what may be interrupted',
    confidence: 'medium',
    needs: [
      'each such process survives being ended within 30 seconds',
      'enough stays on demand to carry the service alone: spot goes when everybody needs it, which is when a region fails',
    ],
    assumptions: ['spot_share_production_percent', 'spot_share_elsewhere_percent', 'spot_discount_percent'],
    take: (slice, estate, assumed) => {
      if (slice.category !== 'compute' || slice.environment === null) return null;
      const share = isOutsideProduction(slice, estate)
        ? assumed('spot_share_elsewhere_percent')
        : assumed('spot_share_production_percent');
      return { share, rate: assumed('spot_discount_percent'), settles: true };
    },
    fee: null,
  },
  {
    id: 'compute-commitment',
    title: 'Commit to the compute that runs all year',
    confidence: 'medium',
    needs: [
      'it will run for the whole year, also after a failover to the other provider',
      'it is not under a commitment yet',
    ],
    assumptions: ['compute_commitment_share_percent', 'compute_commitment_discount_percent'],
    take: (slice, _estate, assumed) =>
      slice.category === 'compute'
        ? {
            share: assumed('compute_commitment_share_percent'),
            rate: assumed('compute_commitment_discount_percent'),
            settles: true,
          }
        : null,
    fee: null,
  },
  {
    id: 'database-commitment',
    title: 'Commit to the databases and caches that run all year',
    confidence: 'high',
    needs: ['their size and engine stay for the whole year', 'they are not under a commitment yet'],
    assumptions: ['database_commitment_share_percent', 'database_commitment_discount_percent'],
    take: (slice, _estate, assumed) =>
      slice.category === 'database' || slice.category === 'cache'
        ? {
            share: assumed('database_commitment_share_percent'),
            rate: assumed('database_commitment_discount_percent'),
            settles: true,
          }
        : null,
    fee: null,
  },
  {
    id: 'egress',
    title: 'Send what goes between the clouds over a private line',
    confidence: 'low',
    needs: [
      'most of what leaves goes to the other cloud, and not to users',
      'both ends meet in one place, and the line is doubled where the objectives depend on it',
    ],
    assumptions: ['egress_dollars_per_gigabyte', 'private_line_dollars_per_gigabyte', 'private_line_dollars_per_month'],
    take: (slice, _estate, assumed) => {
      const now = assumed('egress_dollars_per_gigabyte');
      return slice.transfer
        ? { share: '1', rate: lessOf(now, assumed('private_line_dollars_per_gigabyte')), settles: true }
        : null;
    },
    fee: 'private_line_dollars_per_month',
  },
];
