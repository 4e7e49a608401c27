// `cost:` where bills come from, where their snapshots are kept, what they are held against, and who is told.
import * as z from 'zod';
import type { CostPlan, CostSourcePlan } from '../../model/cost-plan.ts';
import { PositiveDuration } from '../duration.ts';
import type { Known } from '../known.ts';
import { refuse, section, text } from '../vocabulary.ts';
import { bySite } from './by-site.ts';
import { allocationSection, environmentsSection, refuseUnknownEnvironments } from './cost-environments.ts';
import { anomaliesSection, budgetsSection } from './cost-watch.ts';

const DAY_SECONDS = 86_400;
const LONGEST_WINDOW_DAYS = 60;
const WINDOW_ALLOWED = `whole days from 1d to ${LONGEST_WINDOW_DAYS}d`;
const EXPORT_ALLOWED =
  'PROJECT.DATASET.TABLE of the billing export, such as gopro-billing.billing.gcp_billing_export_v1_0123AB';

export function costSection(known: Known) {
  const buckets = 'a mapping of at least one bucket by site, such as "aws: gopro-cost"';
  return section({
    buckets: bySite(known, text('the name of a bucket'), buckets).refine((list) => list.length > 0, { error: buckets }),
    sources: sourcesSection(),
    restate_window: PositiveDuration.refine(
      (seconds) => seconds % DAY_SECONDS === 0 && seconds <= LONGEST_WINDOW_DAYS * DAY_SECONDS,
      { error: WINDOW_ALLOWED },
    ).prefault('10d'),
    environments: environmentsSection(),
    allocation: allocationSection(),
    budgets: budgetsSection(known),
    anomalies: anomaliesSection(known),
    savings: z
      .record(text('the name of an assumption'), z.number({ error: 'a number' }), {
        error: "a mapping from an assumption's name to its number",
      })
      .prefault({}),
  })
    .optional()
    .transform((written, context): CostPlan | null => {
      if (!written) return null;
      refuseUnknownEnvironments(written, context);
      return {
        buckets: written.buckets.map(({ site, value: bucket }) => ({ site, bucket })),
        sources: written.sources,
        restateWindowDays: written.restate_window / DAY_SECONDS,
        environments: written.environments,
        allocation: written.allocation,
        budgets: written.budgets,
        anomalies: written.anomalies,
        savings: written.savings,
      };
    });
}

/** By provider: a bill is the provider's, and a site's only where it stands. */
function sourcesSection() {
  const aws = section({
    account: text('the account whose bill it is: 12 digits, quoted').regex(/^\d{12}$/, {
      error: 'the account whose bill it is: 12 digits, quoted',
    }),
  });
  const gcp = section({
    export: text(EXPORT_ALLOWED).regex(/^[a-z][a-z0-9:.-]+\.\w+\.\w+$/, { error: EXPORT_ALLOWED }),
    location: text("the location of the export's data set, such as US or europe-west1").default('US'),
  });
  return section({ aws: aws.optional(), gcp: gcp.optional() }).transform((written, context): CostSourcePlan[] => {
    if (!written.aws && !written.gcp) {
      const message = 'no bill is read: give sources.aws with its account, sources.gcp with its export, or both.';
      return refuse(context, [], {
        found: 'no source',
        allowed: 'aws or gcp, or both',
        message,
        rule: 'no-cost-source',
      });
    }
    return [
      ...(written.aws ? [{ provider: 'aws' as const, account: written.aws.account }] : []),
      ...(written.gcp ? [exportOf(written.gcp)] : []),
    ];
  });
}

function exportOf({ export: name, location }: { export: string; location: string }): CostSourcePlan {
  const parts = name.split('.');
  const [dataset = '', table = ''] = parts.slice(-2);
  // A project of an organisation's domain has a dot of its own: `example.com:project`.
  return { provider: 'gcp', project: parts.slice(0, -2).join('.'), dataset, table, location };
}
