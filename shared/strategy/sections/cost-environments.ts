// `cost.environments` and `cost.allocation`: which value of the tag means which environment, and what each should take of the whole.
import * as z from 'zod';
import type { CostEnvironments, CostPlan, CostShare } from '../../model/cost-plan.ts';
import { costServices } from '../../model/cost-plan.ts';
import { didYouMean } from '../nearest.ts';
import { Name, named, refuse, section, text } from '../vocabulary.ts';

type Context = Parameters<typeof refuse>[0];

const VALUES_ALLOWED = 'a list of values of the tag, such as [production, prod]';
/** What most estates call them. */
const USUAL = {
  production: ['production', 'prod'],
  staging: ['staging', 'stage'],
  development: ['development', 'dev'],
};

export function environmentsSection() {
  const values = z.array(text('a value of the tag'), { error: VALUES_ALLOWED }).min(1, { error: VALUES_ALLOWED });
  return z
    .object(
      { tag: text('the key of a tag (AWS) or label (Google Cloud)').default('environment') },
      { error: 'tag: the key of the tag, and the values of each environment by its name' },
    )
    .catchall(values)
    .prefault({ ...USUAL })
    .transform(({ tag, ...lists }, context): CostEnvironments => {
      const found = Object.entries(lists).length > 0 ? lists : USUAL;
      const list = Object.entries(found).map(([name, held]) => ({ name, values: held }));
      refuseMisnamed(list, context);
      return { tag, named: list };
    });
}

function refuseMisnamed(list: CostEnvironments['named'], context: Context): void {
  const owners = new Map<string, string>();
  for (const { name, values } of list) {
    if (!Name.safeParse(name).success) {
      const allowed = 'a name of lower-case letters, digits, - and _, beginning with a letter';
      const message = `"${name}" cannot be the name of an environment: expected ${allowed}.`;
      refuse(context, [name], { found: `"${name}"`, allowed, message, rule: 'not-allowed', at: 'key' });
    }
    for (const [index, value] of values.entries()) {
      const owner = owners.get(value.toLowerCase());
      owners.set(value.toLowerCase(), name);
      if (owner === undefined) continue;
      const message = `the value "${value}" stands for "${owner}" and for "${name}" (values are compared in lower case): leave one.`;
      const allowed = 'each value once';
      refuse(context, [name, index], { found: `"${value}" again`, allowed, message, rule: 'same-twice' });
    }
  }
}

const SHARE_ALLOWED = 'a share in per cent, from 0 to 100';

/** Each list is left out, or sums to 100. */
export function allocationSection() {
  const percent = z
    .number({ error: SHARE_ALLOWED })
    .min(0, { error: SHARE_ALLOWED })
    .max(100, { error: SHARE_ALLOWED });
  const [compute, database, storage, networking, other] = costServices;
  const none = percent.default(0);
  return section({
    by_environment: named(percent, 'environment').optional(),
    by_service: section({
      [compute]: none,
      [database]: none,
      [storage]: none,
      [networking]: none,
      [other]: none,
    }).optional(),
  })
    .prefault({})
    .transform((written, context): CostPlan['allocation'] => {
      const { by_environment: environments = {}, by_service: services } = written;
      const byEnvironment = Object.entries(environments).map(([name, share]) => ({ name, percent: share }));
      const byService = services ? costServices.map((name) => ({ name, percent: services[name] })) : [];
      refuseUneven(byEnvironment, 'by_environment', context);
      refuseUneven(byService, 'by_service', context);
      return { byEnvironment, byService };
    });
}

/** As people reckon them: a billionth is the floats' own. */
function refuseUneven(shares: readonly CostShare[], key: string, context: Context): void {
  const sum = Math.round(shares.reduce((all, { percent }) => all + percent, 0) * 1e9) / 1e9;
  if (shares.length === 0 || sum === 100) return;
  const found = `a sum of ${sum}`;
  const message = `the target shares sum to ${sum}, and to 100 they should: ${shares.map(({ name, percent }) => `${name} ${percent}`).join(' + ')}.`;
  refuse(context, [key], { found, allowed: 'shares that sum to 100', message, rule: 'shares-not-100' });
}

type Written = {
  environments: CostEnvironments;
  allocation: CostPlan['allocation'];
  budgets: CostPlan['budgets'];
};

/** Names of environments are known only when all of the section was read. */
export function refuseUnknownEnvironments({ environments, allocation, budgets }: Written, context: Context): void {
  const names = environments.named.map(({ name }) => name);
  const used = [
    ...allocation.byEnvironment.map(({ name }) => ({
      name,
      path: ['allocation', 'by_environment', name],
      at: 'key' as const,
    })),
    ...budgets.flatMap(({ name: budget, environment }) =>
      environment === null ? [] : [{ name: environment, path: ['budgets', budget, 'environment'], at: undefined }],
    ),
  ];
  for (const { name, path, at } of used.filter((one) => !names.includes(one.name))) {
    const allowed = `a declared environment: ${names.join(', ')}`;
    const message = `there is no environment "${name}" (${names.join(', ')}).${didYouMean(name, names)} Declare its values below cost.environments.`;
    const refusal = { found: `"${name}"`, allowed, message, rule: 'undeclared-environment' };
    refuse(context, path, at ? { ...refusal, at } : refusal);
  }
}
