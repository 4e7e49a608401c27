// JSON in one spelling: equal values give equal texts, so that texts can be compared and hashed.

/** JSON with the keys of every object sorted and undefined properties left out. Throws on what JSON cannot hold. */
export function canonicalJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => sorted(inner));
  if (text === undefined) throw new Error(`${typeof value} has no JSON spelling`);
  return text;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
