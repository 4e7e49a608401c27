// The last word on what an unknown event looks like, when neither cloud knows it.
import { isObject } from './payload.ts';

/** A noun phrase: "an object with a, b". Keys are shown, values are not: they may be secrets. */
export function shapeOf(event: unknown): string {
  if (typeof event === 'string') return 'plain text, not JSON';
  if (Array.isArray(event)) return `a list of ${event.length}`;
  if (!isObject(event)) return `${event === null ? 'null' : `a ${typeof event}`}, not an object`;
  const keys = Object.keys(event);
  if (keys.length === 0) return 'an empty object';
  const listed = keys.slice(0, 6).map((key) => short(key));
  return `an object with ${listed.join(', ')}${keys.length > listed.length ? ', ...' : ''}`;
}

/** A name out of an event, cut to what fits in a sentence. */
export function short(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 60) : 'no name';
}
