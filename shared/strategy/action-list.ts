// The `actions:` list of a scenario or an alert: a list of mappings with one key each, read through the table of spellings.
import * as z from 'zod';
import type { Action, WrittenAction } from '../model/scenario.ts';
import { keyPattern, type Place, SPELLINGS, spellingOf, writableKeys } from './actions.ts';
import { describe } from './issue.ts';
import { type Known, NOTHING_KNOWN } from './known.ts';
import { didYouMean } from './nearest.ts';
import { findSite } from './references.ts';
import { type Refusal, refuse } from './vocabulary.ts';

type Complaints = Parameters<typeof refuse>[0];

/** What an editor needs to complete and check one item: JSON Schema made of the same table. */
function editorsView(place: Place) {
  const here = SPELLINGS.filter((spelling) => spelling.places.includes(place));
  const value = (spelling: (typeof SPELLINGS)[number]) => {
    const { $schema: _, ...schema } = z.toJSONSchema(spelling.value(NOTHING_KNOWN, ''), {
      io: 'input',
      target: 'draft-7',
    });
    return schema;
  };
  const plain = here.filter(({ key }) => !key.includes('<site>'));
  const patterned = here.filter(({ key }) => key.includes('<site>'));
  return {
    properties: Object.fromEntries(plain.map((spelling) => [spelling.key, value(spelling)])),
    patternProperties: Object.fromEntries(
      patterned.map((spelling) => [keyPattern(spelling.key).source, value(spelling)]),
    ),
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
  };
}

/** Made once: it depends on nothing that a file declares. */
const EDITORS_VIEW = { scenario: editorsView('scenario'), alert: editorsView('alert') };

/** At least one action; each is `name: value`. */
export function actionList(known: Known, place: Place) {
  const allowed = 'a list of actions, such as "- notify: ops_team"';
  return z.array(writtenAction(known, place), { error: allowed }).min(1, { error: allowed });
}

function writtenAction(known: Known, place: Place) {
  return z
    .record(z.string(), z.unknown(), { error: 'an action written as "name: value"' })
    .meta(EDITORS_VIEW[place])
    .transform((item, context): WrittenAction => {
      const entries = Object.entries(item);
      const [first] = entries;
      if (!first || entries.length > 1) {
        return refuse(context, [], {
          found: entries.length === 0 ? 'an empty mapping' : `${entries.length} keys: ${Object.keys(item).join(', ')}`,
          allowed: 'one action for each item of the list',
          message: `an item of the list holds exactly one action, and this one holds ${entries.length}. Put "- " before each.`,
          rule: 'one-action-each',
        });
      }
      return { written: `${first[0]}: ${String(first[1])}`, action: readAction(known, place, first, context) };
    });
}

function readAction(known: Known, place: Place, [key, value]: [string, unknown], context: Complaints): Action {
  const spelled = spellingOf(key, place);
  if (!spelled) return refuse(context, [key], unknownAction(known, place, key));
  const site = spelled.siteWord === '' ? '' : findSite(known, spelled.siteWord, spelled.spelling.need);
  if (typeof site !== 'string') return refuse(context, [key], { ...site, at: 'key' });
  const read = spelled.spelling.value(known, site).safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return refuse(context, [key], refusalOf(key, value, issue));
}

function refusalOf(key: string, value: unknown, issue: z.core.$ZodIssue | undefined): Refusal {
  const params = issue?.code === 'custom' ? issue.params : undefined;
  const allowed = issue?.message ?? 'another value';
  const found = describe(value);
  return {
    found: typeof params?.found === 'string' ? params.found : found,
    allowed: typeof params?.allowed === 'string' ? params.allowed : allowed,
    message: params ? String(params.message) : `${key}: expected ${allowed}; found ${found}.`,
    rule: typeof params?.rule === 'string' ? params.rule : 'not-allowed',
  };
}

function unknownAction(known: Known, place: Place, key: string): Refusal {
  const keys = writableKeys(known, place);
  const elsewhere = spellingOf(key, place === 'alert' ? 'scenario' : 'alert');
  const because = elsewhere
    ? `"${key}" is an action of ${place === 'alert' ? 'a scenario' : 'an alert'}, not of ${place === 'alert' ? 'an alert' : 'a scenario'}`
    : `there is no action "${key}"`;
  return {
    found: `"${key}"`,
    allowed: keys.join(', '),
    message: `${because}.${elsewhere ? '' : didYouMean(key, keys)} Allowed here: ${keys.join(', ')}.`,
    rule: 'unknown-action',
    at: 'key',
  };
}
