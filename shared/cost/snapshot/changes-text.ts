// What a restatement changed, in short.
import type { CostRevision } from '../../model/cost-day.ts';

const shown = 3;

/** `Amazon RDS (production) -6.4 USD, and 2 more`. */
export function changesText({ changes }: Pick<CostRevision, 'changes'>): string {
  const worth = changes.filter(({ billed, effective }) => billed !== '0' || effective !== '0');
  if (worth.length === 0) return 'the same sums from other rows';
  const told = worth.slice(0, shown).map(({ service, environment, billed, effective, currency }) => {
    const amount = billed === '0' ? effective : billed;
    const where = environment === null ? '' : ` (${environment})`;
    return `${service ?? 'other services'}${where} ${amount.startsWith('-') ? '' : '+'}${amount} ${currency}`;
  });
  return `${told.join(', ')}${worth.length > shown ? `, and ${worth.length - shown} more` : ''}`;
}
