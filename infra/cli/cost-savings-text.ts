// What could be saved, as a person reads it: the amount, the reckoning, what would have to be true, and how sure it is.
import { moneyText } from '../../shared/cost/amount-text.ts';
import type { CurrencyReport } from '../../shared/cost/report/report-shape.ts';
import type { Colors } from './strategy-issues.ts';

const VERDICTS = { holds: 'holds', 'does-not-hold': 'does not hold', 'cannot-be-told': 'cannot be told' } as const;

export function savingsLines({ savings, currency }: CurrencyReport, colors: Colors): string[] {
  if (savings === null) return ['', `${colors.bold('Savings')}  too few days are closed to reckon them`];
  const { opportunities, considered, total, totalPercent, base, basis, claims } = savings;
  const part = totalPercent === null ? '' : `, ${totalPercent} % of ${moneyText(base, currency)}`;
  const unverified = new Set(
    opportunities.flatMap(({ assumptions }) => assumptions.filter((one) => !one.verified).map(({ name }) => name)),
  );
  return [
    '',
    `${colors.bold('Savings')}  up to ${moneyText(total, currency)} a month${part}  ${colors.dim(`from ${basis}`)}`,
    ...opportunities.flatMap(({ title, monthly, arithmetic, confidence, needs }) => [
      `  ${colors.green(moneyText(monthly, currency))}  ${title} ${colors.dim(`(${confidence} confidence)`)}`,
      `    ${arithmetic}`,
      ...needs.map((one) => `    ${colors.dim(`if ${one}`)}`),
    ]),
    ...considered.map(({ title, because }) => colors.dim(`  nothing  ${title}: ${because}`)),
    ...(unverified.size === 0
      ? []
      : [colors.dim(`  assumed and not verified: ${[...unverified].join(', ')}; --json has each with its source`)]),
    ...claims.map(
      ({ claim, verdict, because }) =>
        `  ${(verdict === 'holds' ? colors.green : colors.yellow)(VERDICTS[verdict])}  "${claim}": ${because}`,
    ),
  ];
}
