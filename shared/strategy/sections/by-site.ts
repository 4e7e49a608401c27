// A mapping from sites to something: buckets, queues.
import * as z from 'zod';
import type { SiteName } from '../../model/site.ts';
import type { Known } from '../known.ts';
import { siteReference } from '../references.ts';
import { refuse } from '../vocabulary.ts';

/** A mapping whose keys are sites, as names or as words that stand for them; `written` is the key as it was written. */
export function bySite(known: Known, value: z.ZodString, allowed: string) {
  return z.record(z.string(), value, { error: allowed }).transform((mapping, context) => {
    const found: { site: SiteName; written: string; value: string }[] = [];
    for (const [written, held] of Object.entries(mapping)) {
      const read = siteReference(known).safeParse(written);
      for (const issue of read.error?.issues ?? []) {
        const params = issue.code === 'custom' ? { ...issue.params, at: 'key' } : {};
        context.addIssue({ code: 'custom', path: [written], message: issue.message, params });
      }
      if (!read.success) continue;
      const twin = found.find(({ site }) => site === read.data);
      const message = `"${twin?.written}" and "${written}" are both site "${read.data}": leave one.`;
      if (twin) refuse(context, [written], { found: `"${written}"`, allowed, message, rule: 'same-site', at: 'key' });
      found.push({ site: read.data, written, value: held });
    }
    return found;
  });
}
