// What zod found, as findings that a person can act on: what stands there, what may, and what was probably meant.
import type * as z from 'zod';
import { describe, type Finding, pathText } from './issue.ts';
import { valueAt } from './known.ts';
import { didYouMean } from './nearest.ts';
import { eitherOf } from './vocabulary.ts';

/** One finding for each thing that is wrong; `data` is the file's plain data. */
export function explain(issue: z.core.$ZodIssue, data: unknown): Finding[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey([...issue.path, key], key, issue.message));
    case 'invalid_key':
      return [wrongKey(issue.path, issue.issues[0]?.message ?? issue.message)];
    case 'custom':
      return [issue.params ? refused(issue, data) : wrongValue(issue.path, issue.message, [], data)];
    case 'invalid_value':
      return [wrongValue(issue.path, issue.message, issue.values, data)];
    case 'invalid_union': {
      const options: unknown[] = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
      const words = options.map(String);
      return [wrongValue(issue.path, words.length > 0 ? eitherOf(words) : issue.message, words, data)];
    }
    default:
      return [wrongValue(issue.path, issue.message, [], data)];
  }
}

function unknownKey(path: PropertyKey[], key: string, knownKeys: string): Finding {
  const message = `unknown key "${key}".${didYouMean(key, knownKeys.split(', '))} Allowed here: ${knownKeys}.`;
  return { severity: 'error', path, at: 'key', found: `"${key}"`, allowed: knownKeys, message, rule: 'unknown-key' };
}

function wrongKey(path: PropertyKey[], allowed: string): Finding {
  const found = `"${String(path.at(-1))}"`;
  const message = `${found} cannot be a key here: expected ${allowed}.`;
  return { severity: 'error', path, at: 'key', found, allowed, message, rule: 'not-allowed' };
}

function wrongValue(path: PropertyKey[], allowed: string, words: readonly unknown[], data: unknown): Finding {
  const value = valueAt(data, path);
  const found = describe(value);
  const candidates = words.filter((word) => typeof word === 'string');
  const guess = typeof value === 'string' ? didYouMean(value, candidates) : '';
  const missing = value === undefined;
  const message = missing
    ? `"${pathText(path.slice(-1))}" is missing: expected ${allowed}.`
    : `expected ${allowed}; found ${found}.${guess}`;
  return { severity: 'error', path, at: 'value', found, allowed, message, rule: missing ? 'missing' : 'not-allowed' };
}

function refused(issue: z.core.$ZodIssueCustom, data: unknown): Finding {
  const told = (key: string, otherwise: string): string => {
    const value: unknown = issue.params?.[key];
    return typeof value === 'string' ? value : otherwise;
  };
  return {
    severity: 'error',
    path: issue.path,
    at: told('at', 'value') === 'key' ? 'key' : 'value',
    found: told('found', describe(valueAt(data, issue.path))),
    allowed: told('allowed', issue.message),
    message: told('message', issue.message),
    rule: told('rule', 'not-allowed'),
  };
}
