// What providers say of money by themselves, as something to tell. Pure.
import { createHash } from 'node:crypto';
import type { AnomalyNotice, BudgetNotice, CostNotice } from '../../model/cost-notice.ts';
import type { CostPlan } from '../../model/cost-plan.ts';
import { moneyText } from '../amount-text.ts';
import type { WatchFinding } from './finding.ts';

/** Null: it tells of nothing that was crossed, as Google Cloud's do several times a day. */
export function noticeFinding(notice: CostNotice, plan: CostPlan, application: string): WatchFinding | null {
  if (notice.kind === 'budget' && notice.threshold === null) return null;
  const id = `notice/${notice.provider}-${createHash('sha256').update(notice.id).digest('hex').slice(0, 24)}`;
  const said = notice.kind === 'budget' ? budgetSaying(notice) : anomalySaying(notice);
  return {
    id,
    covers: [],
    near: null,
    channels: channelsFor(notice, plan),
    notification: {
      dedupKey: `cost/${id}`,
      kind: 'message',
      severity: 'medium',
      title: `${application}: ${said.title}`,
      text: [...said.text, ...accountText(notice)].join('\n'),
      source: notice.provider,
    },
  };
}

/** Those who are told of our own budgets of that provider, or of our own anomalies; else whoever is told of money at all. */
function channelsFor({ kind, provider }: CostNotice, { budgets, anomalies }: CostPlan): string[] {
  const own = kind === 'budget' ? budgets.filter((one) => one.provider === null || one.provider === provider) : [];
  const first = kind === 'budget' ? own.flatMap(({ notify }) => notify) : anomalies.notify;
  const anybody = [...anomalies.notify, ...budgets.flatMap(({ notify }) => notify)];
  return [...new Set(first.length > 0 ? first : anybody)];
}

type Saying = { title: string; text: string[] };

function budgetSaying({
  provider,
  name,
  basis,
  amount,
  budgeted,
  threshold,
  currency,
  periodStart,
}: BudgetNotice): Saying {
  const money = (some: string) => moneyText(some, currency);
  const crossed =
    threshold === null ? '' : threshold.unit === 'percent' ? `${threshold.percent} %` : money(threshold.amount);
  const verb = basis === 'actual' ? 'has been spent' : 'is expected to be spent';
  const sums = amount === null ? [] : [`${money(amount)}${budgeted === null ? '' : ` of ${money(budgeted)}`} ${verb}.`];
  const since = periodStart === null ? [] : [`Its period began at ${periodStart}.`];
  return {
    title: `${provider}'s budget "${name}": ${crossed} ${verb}`,
    text: [`${provider} says that ${crossed} of its budget "${name}" ${verb}.`, ...sums, ...since],
  };
}

function anomalySaying({
  provider,
  name,
  about,
  impact,
  actual,
  expected,
  firstDate,
  lastDate,
  causes,
  link,
  currency,
}: AnomalyNotice): Saying {
  const money = (some: string) => moneyText(some, currency);
  const what = about ?? name;
  const against = actual === null || expected === null ? '' : ` ${money(actual)} instead of ${money(expected)}.`;
  const days = firstDate === null ? '' : ` From ${firstDate}${lastDate === null ? '' : ` to ${lastDate}`}.`;
  const told = causes.map(({ service, region, usageType, account, amount }) => {
    const where = [service, usageType, region, account].filter((one) => one !== null).join(', ');
    return `- ${where || 'cause not told'}${amount === null ? '' : `: ${money(amount)}`}`;
  });
  return {
    title: `${provider} sees ${what} cost ${money(impact)} more than expected`,
    text: [
      `${provider}'s monitor "${name}" sees ${what} cost ${money(impact)} more than expected.${against}${days}`,
      ...told,
      ...(link === null ? [] : [`See ${link}`]),
    ],
  };
}

function accountText({ account, saidAt }: CostNotice): string[] {
  const parts = [account && `billing account ${account}`, saidAt && `said at ${saidAt}`].filter(
    (one) => one !== null && one !== '',
  );
  return parts.length === 0 ? [] : [`${parts.join(', ')}.`];
}
