// What makes a row of a bill that row: two snapshots of one day are compared by it.
import { canonicalJson } from '../model/canonical-json.ts';
import type { CostRow } from '../model/cost.ts';

/** Everything but the amounts, as one text; ordered as its UTF-16 code units are. */
export function rowKey({ BilledCost: _, EffectiveCost: __, ...rest }: CostRow): string {
  return canonicalJson(rest);
}
