// `objects:` which buckets are kept alike, how soon by prefix, and what a reconciliation may do by itself.
import * as z from 'zod';
import type { BucketPair, PairedBucket, ReplicationTier } from '../../model/replica.ts';
import type { SiteName } from '../../model/site.ts';
import type { ObjectReplication } from '../../model/strategy.ts';
import { PositiveDuration } from '../duration.ts';
import type { Known } from '../known.ts';
import { channelReference } from '../references.ts';
import { named, refuse, section, text, wholeNumber } from '../vocabulary.ts';
import { bySite } from './by-site.ts';

/** What stands below it is Causeway's own: tombstones, conflicts, parts. */
const OWN_PREFIX = '.causeway/';
/** A window is ended by a tick that comes once a minute. */
const SHORTEST_WINDOW_SECONDS = 60;
const EVERY_ALLOWED = 'a duration from 1m to 1d, such as 5m, 1h or 1d';
const SHARE_ALLOWED = 'a share from 1% to 100%';

/** The table of the strategy document; a key that no prefix matches is in `other`. */
const USUAL_TIERS: ReplicationTier[] = [
  { name: 'critical_assets', prefix: 'critical/', everySeconds: null },
  { name: 'user_uploads', prefix: 'uploads/', everySeconds: 300 },
  { name: 'logs', prefix: 'logs/', everySeconds: 3600 },
  { name: 'backups', prefix: 'backups/', everySeconds: 86_400 },
];
const OTHER: ReplicationTier = { name: 'other', prefix: '', everySeconds: 300 };

export function objectsSection(known: Known) {
  return section({
    pairs: named(pair(known), 'pair').refine((pairs) => Object.keys(pairs).length > 0, {
      error: 'a mapping of at least one pair of buckets, by name',
    }),
    queues: queuesSection(known),
    reconcile: reconcileSection(),
    no_progress: section({
      after: PositiveDuration.prefault('15m'),
      notify: z.array(channelReference(known), { error: 'a list of channels' }).prefault([]),
    }).prefault({}),
  })
    .optional()
    .transform((written): ObjectReplication | null => {
      if (!written) return null;
      const { after: afterSeconds, notify } = written.no_progress;
      return {
        pairs: Object.entries(written.pairs).map(([name, declared]) => ({ name, ...declared })),
        queues: written.queues,
        reconcile: written.reconcile,
        noProgress: { afterSeconds, notify },
      };
    });
}

function reconcileSection() {
  return section({
    every: PositiveDuration.prefault('1d'),
    delete_cap: wholeNumber(0, 1_000_000_000).default(1000),
    delete_share_cap: z
      .string({ error: SHARE_ALLOWED })
      .regex(/^([1-9]\d?|100)%$/, { error: SHARE_ALLOWED })
      .default('10%'),
  })
    .prefault({})
    .transform((written) => ({
      everySeconds: written.every,
      deleteCap: written.delete_cap,
      deleteCapPercent: Number.parseInt(written.delete_share_cap, 10),
    }));
}

type NamelessPair = Omit<BucketPair, 'name'>;

function pair(known: Known) {
  const allowed = 'the two buckets by site, such as "aws: gopro-assets"';
  return section({
    buckets: bySite(known, text('the name of a bucket'), allowed).transform((buckets, context): PairBuckets => {
      const [left, right, third] = buckets;
      if (left && right && !third) return [toBucket(left), toBucket(right)];
      const found = `${buckets.length} bucket${buckets.length === 1 ? '' : 's'}`;
      const message = `a pair is two buckets at two sites; found ${found}. For a third site make a pair of other buckets.`;
      return refuse(context, [], { found, allowed: 'two buckets', message, rule: 'not-a-pair' });
    }),
    tiers: tiersSection(),
  }).transform((written): NamelessPair => written);
}

type PairBuckets = readonly [PairedBucket, PairedBucket];

function toBucket({ site, value }: { site: SiteName; value: string }): PairedBucket {
  return { site, bucket: value };
}

function tiersSection() {
  const tier = section({
    prefix: z.string({ error: 'the beginning of keys, such as logs/; "" is every key that no other prefix matches' }),
    sync: z.literal('realtime', { error: 'realtime; for a window write every: 5m instead' }).optional(),
    every: PositiveDuration.refine((seconds) => seconds >= SHORTEST_WINDOW_SECONDS && seconds <= 86_400, {
      error: EVERY_ALLOWED,
    }).optional(),
  }).transform((written, context) => {
    const { prefix, sync, every } = written;
    if ((sync === undefined) !== (every === undefined)) return { prefix, everySeconds: every ?? null };
    const found = sync === undefined ? 'neither sync nor every' : 'sync beside every';
    const allowed = 'sync: realtime, or every: 5m';
    const message = `a tier says how soon in one way; found ${found}; allowed: ${allowed}.`;
    return refuse(context, [], { found, allowed, message, rule: 'one-pace-each' });
  });
  return named(tier, 'tier')
    .optional()
    .transform((written, context): ReplicationTier[] => {
      if (!written) return [...USUAL_TIERS, OTHER];
      const tiers = Object.entries(written).map(([name, declared]) => ({ name, ...declared }));
      refuseMisfits(tiers, context);
      return tiers.some(({ prefix }) => prefix === '') ? tiers : [...tiers, OTHER];
    });
}

function refuseMisfits(tiers: readonly ReplicationTier[], context: Context): void {
  for (const [index, { name, prefix }] of tiers.entries()) {
    const at = [name, 'prefix'];
    const found = JSON.stringify(prefix);
    const twin = tiers.slice(0, index).find((before) => before.prefix === prefix);
    if (twin) {
      const message = `tier "${name}" has the prefix ${found} of tier "${twin.name}": which one is meant could not be told. Leave one.`;
      refuse(context, at, { found, allowed: 'a prefix of its own', message, rule: 'same-twice' });
    }
    if (prefix.startsWith(OWN_PREFIX)) {
      const message = `keys below ${OWN_PREFIX} are Causeway's own records and never replicated: take tier "${name}" out.`;
      refuse(context, at, { found, allowed: `a prefix outside ${OWN_PREFIX}`, message, rule: 'own-prefix' });
    }
    if (name === OTHER.name && prefix !== '') {
      const message = `the tier "${OTHER.name}" is for keys that no prefix matches: give it prefix: "", or another name.`;
      refuse(context, at, { found, allowed: '""', message, rule: 'own-prefix' });
    }
  }
}

/** Where each site's queues are: the beginning of their names, as the provider spells them. */
function queuesSection(known: Known) {
  const allowed = "the beginning of the names of each site's queues, by site";
  return bySite(known, text(allowed), allowed)
    .prefault({})
    .transform((queues, context) =>
      queues.map(({ site, written, value: base }) => {
        const spelling = SPELLINGS[known.sites?.find(({ name }) => name === site)?.provider ?? 'aws'];
        if (known.sites !== null && !spelling.pattern.test(base)) {
          const found = JSON.stringify(base);
          const message = `the queues of site "${site}" begin with ${spelling.like}; found ${found}.`;
          refuse(context, [written], { found, allowed: spelling.like, message, rule: 'not-this-provider' });
        }
        return { site, base };
      }),
    );
}

const SPELLINGS = {
  aws: { pattern: /^https?:\/\/[^/]+\/\d{12}\/[\w-]+$/, like: 'https://sqs.REGION.amazonaws.com/ACCOUNT/NAME' },
  gcp: { pattern: /^projects\/[^/]+\/topics\/[a-zA-Z][\w.~+%-]*$/, like: 'projects/PROJECT/topics/NAME' },
};

type Context = Parameters<typeof refuse>[0];
