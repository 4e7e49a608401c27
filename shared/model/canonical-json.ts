// JSON in one spelling: equal values give equal texts, so that texts can be compared and hashed.

/** JSON with the keys of every object sorted and undefined properties left out. Throws on what JSON cannot hold. */
export function canonicalJson(value: unknown): string {
  // Sorted first and then written: a replacer, which could do both, makes the engine write everything the slow way.
  const text = JSON.stringify(sorted(value));
  if (text === undefined) throw new Error(`${typeof value} has no JSON spelling`);
  return text;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  if ('toJSON' in value && typeof value.toJSON === 'function') return sorted(value.toJSON());
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
