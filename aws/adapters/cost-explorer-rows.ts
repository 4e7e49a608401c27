// From what Cost Explorer tells of one day to rows of a bill, with what left the provider told apart and nothing counted twice.
import { subtractAmount } from '../../shared/cost/money.ts';
import { periodsOf } from '../../shared/cost/periods.ts';
import { rowKey } from '../../shared/cost/row-key.ts';
import type { CostCategory, CostRow } from '../../shared/model/cost.ts';
import { CostUnavailable } from '../../shared/ports/cost-source.ts';
import type { ToldAmount, ToldDay, ToldGroup } from './cost-explorer-answer.ts';

export type RowShape = {
  name: string;
  account: string;
  /** The name of the tag that tells environments. */
  tag: string;
  environmentOf: (value: string) => string | null;
  categoryOf: (service: string, transfer: boolean) => CostCategory;
};

/**
 * `transfers` are the groups of the same day with nothing but transfer in them: each is taken out of the group of the same service and tag,
 * so that both together are what that group was, to the last digit. Ordered by `rowKey`.
 */
export function rowsOfDay(day: ToldDay, transfers: readonly ToldGroup[], shape: RowShape): CostRow[] {
  const rest = withoutTransfers(day, transfers, shape.name);
  const rows = [
    ...rest.map((group) => rowOf(day.date, group, false, shape)),
    ...transfers.map((group) => rowOf(day.date, group, true, shape)),
  ];
  return rows
    .map((row) => ({ row, key: rowKey(row) }))
    .sort((one, other) => (one.key === other.key ? 0 : one.key < other.key ? -1 : 1))
    .map(({ row }) => row);
}

function withoutTransfers(day: ToldDay, transfers: readonly ToldGroup[], name: string): ToldGroup[] {
  const rest = [...day.groups];
  for (const transfer of transfers) {
    const at = rest.findIndex((group) => sameCut(group, transfer));
    const whole = rest[at];
    if (whole === undefined) {
      const missing = `${transfer.service}, tag "${transfer.tagValue}"`;
      throw new CostUnavailable(
        name,
        'invalid',
        `the transfer of ${day.date} has a group that the day has not (${missing}): asked again later, the two should be of one state of the bill`,
      );
    }
    rest[at] = { ...whole, ...less(whole, transfer) };
  }
  // A service that transferred and did nothing else leaves nothing behind.
  return rest.filter((group, at) => group === day.groups[at] || group.billed !== '0' || group.effective !== '0');
}

function sameCut(one: ToldGroup, other: ToldGroup): boolean {
  return one.service === other.service && one.tagValue === other.tagValue && one.currency === other.currency;
}

function less(from: ToldAmount, { billed, effective }: ToldAmount): Pick<ToldAmount, 'billed' | 'effective'> {
  return { billed: subtractAmount(from.billed, billed), effective: subtractAmount(from.effective, effective) };
}

function rowOf(date: string, group: ToldGroup, transfer: boolean, shape: RowShape): CostRow {
  const { service, tagValue } = group;
  return {
    ...periodsOf(date, date.slice(0, 7)),
    ProviderName: 'AWS',
    BillingAccountId: shape.account,
    SubAccountId: null,
    ServiceName: service,
    RegionId: null,
    SkuId: null,
    ChargeCategory: null,
    BillingCurrency: group.currency,
    BilledCost: group.billed,
    EffectiveCost: group.effective,
    Tags: tagValue === '' ? {} : { [shape.tag]: tagValue },
    x_Category: shape.categoryOf(service, transfer),
    x_Environment: tagValue === '' ? null : shape.environmentOf(tagValue),
    x_Transfer: transfer,
  };
}
