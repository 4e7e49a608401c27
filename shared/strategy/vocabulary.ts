// The words that the schema is built of. In this folder a zod message is the phrase that says what is ALLOWED at that place;
// explain.ts makes the sentence of it, together with what was found.
import * as z from 'zod';

/** A mapping with these keys and no others. The message of an unknown key is the list of known ones. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys : `a mapping with the keys ${keys}`),
  });
}

/** A mapping from names that the user chooses to values of one kind. */
export function named<Value extends z.ZodType>(value: Value, what: string) {
  return z.record(Name, value, { error: `a mapping from each ${what}'s name to its settings` });
}

const NAME_ALLOWED = 'a name of lower-case letters, digits, - and _, beginning with a letter';

/** A name that the user gives to a store, lookout, channel, scenario or alert. */
export const Name = z.string({ error: NAME_ALLOWED }).regex(/^[a-z][a-z0-9_-]{0,62}$/, { error: NAME_ALLOWED });

/** Text that is not empty. `what` completes "allowed: ...". */
export function text(what: string) {
  return z.string({ error: what }).min(1, { error: what });
}

/** An http or https URL. */
export function url(what: string) {
  return z.url({ protocol: /^https?$/, error: what });
}

export function wholeNumber(least: number, most: number) {
  const allowed = `a whole number from ${least} to ${most}`;
  return z.int({ error: allowed }).min(least, { error: allowed }).max(most, { error: allowed });
}

export function flag() {
  return z.boolean({ error: 'true or false' });
}

/** `a or b`, `one of a, b, c`. */
export function eitherOf(words: readonly string[]): string {
  return words.length > 2 ? `one of ${words.join(', ')}` : words.join(' or ');
}

/** One of these words, and nothing else. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: eitherOf(words) });
}

/** What a transform says when it refuses a value: the parts of a Finding that zod has no place for. */
export type Refusal = {
  found: string;
  allowed: string;
  message: string;
  rule: string;
  /** Said when the key is wrong and not its value. */
  at?: 'key';
};

type Complaints = { addIssue(issue: { code: 'custom'; path: PropertyKey[]; message: string; params: Refusal }): void };

/** Refuses the value at `path` below the one being transformed. Returns `never` for the transform to give back. */
export function refuse(context: Complaints, path: PropertyKey[], refusal: Refusal): never {
  context.addIssue({ code: 'custom', path, message: refusal.allowed, params: refusal });
  return z.NEVER;
}
