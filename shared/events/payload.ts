// Payloads within payloads: JSON texts, base64 data, and telling an object from everything else.

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON value in a text. Anything that is not such a text comes back as it was: raw deliveries and plain texts exist. */
export function decodeJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The text in base64 data, or null when the bytes are not UTF-8. */
export function decodeBase64Text(data: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(data, 'base64'));
  } catch {
    return null;
  }
}

/** A header's value whatever the case of its name; the first of several. Null when it is not there. */
export function headerOf(headers: JsonObject, name: string): string | null {
  const key = Object.keys(headers).find((each) => each.toLowerCase() === name);
  const value = key === undefined ? undefined : headers[key];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'string' ? first : null;
}
