// What Cost Explorer adds up: charges, filtered, grouped and summed exactly, and its amounts in its own spelling.
import * as z from 'zod';
import { addAmounts, amountOf } from '../../../shared/cost/money.ts';

export type BillCharge = {
  service: string;
  usageType: string;
  tags: Record<string, string>;
  unblended: string;
  netAmortized: string;
  currency: string;
};

const Values = z.object({ Key: z.string(), Values: z.array(z.string()) });
type Filter = {
  Dimensions?: z.infer<typeof Values> | undefined;
  Tags?: z.infer<typeof Values> | undefined;
  Not?: Filter | undefined;
  And?: Filter[] | undefined;
  Or?: Filter[] | undefined;
};
/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html */
export const Filter: z.ZodType<Filter> = z.lazy(() =>
  z
    .strictObject({
      Dimensions: Values.optional(),
      Tags: Values.optional(),
      Not: Filter.optional(),
      And: z.array(Filter).min(2).optional(),
      Or: z.array(Filter).min(2).optional(),
    })
    .refine((filter) => Object.keys(filter).length === 1, 'Expression must have exactly one root operator'),
);

export const GroupBy = z.object({ Type: z.enum(['DIMENSION', 'TAG']), Key: z.string() });
export type GroupBy = z.infer<typeof GroupBy>;

export function dimensionOf(charge: BillCharge, key: string): string | null {
  if (key === 'SERVICE') return charge.service;
  return key === 'USAGE_TYPE' ? charge.usageType : null;
}

export function passes(charge: BillCharge, filter: Filter | undefined): boolean {
  if (filter === undefined) return true;
  if (filter.Dimensions) return filter.Dimensions.Values.includes(dimensionOf(charge, filter.Dimensions.Key) ?? '');
  if (filter.Tags) return filter.Tags.Values.includes(charge.tags[filter.Tags.Key] ?? '');
  if (filter.Not) return !passes(charge, filter.Not);
  if (filter.And) return filter.And.every((one) => passes(charge, one));
  return (filter.Or ?? []).some((one) => passes(charge, one));
}

export type BillGroup = { keys: string[]; charges: BillCharge[] };

/** `environment$production`, and `environment$` for what has no such tag. What is charged in two currencies is two groups of one name. */
export function grouped(charges: readonly BillCharge[], by: readonly GroupBy[]): BillGroup[] {
  const groups = new Map<string, BillGroup>();
  for (const charge of charges) {
    const keys = by.map(({ Type, Key }) =>
      Type === 'TAG' ? `${Key}$${charge.tags[Key] ?? ''}` : (dimensionOf(charge, Key) ?? `No${Key}`),
    );
    const id = JSON.stringify([...keys, charge.currency]);
    const group = groups.get(id) ?? { keys, charges: [] };
    group.charges.push(charge);
    groups.set(id, group);
  }
  return [...groups.values()];
}

export function metricsOf(charges: readonly BillCharge[], metrics: readonly string[]): Record<string, object> {
  const Unit = charges[0]?.currency ?? 'USD';
  const column = (metric: string) =>
    charges.map(({ unblended, netAmortized }) => amountOf(metric === 'UnblendedCost' ? unblended : netAmortized));
  return Object.fromEntries(
    metrics.map((metric) => [metric, { Amount: spelled(addAmounts(...column(metric))), Unit }]),
  );
}

/** Small amounts have an exponent: `6.123E-7`. */
function spelled(amount: string): string {
  const [, sign = '', zeros = '', digits = ''] = /^(-?)0\.(0{6,})(\d+)$/.exec(amount) ?? [];
  if (digits === '') return amount;
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${sign}${digits.slice(0, 1)}${fraction}E-${zeros.length + 1}`;
}
