// Times as vendors write them, turned into the one form of the model: ISO 8601 in UTC with milliseconds.

const isoLike = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:?\d{2})?$/i;
const rfc1123 = /^[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Reads a vendor's time: `2023-02-18T16:43:21.231+0000` (CloudWatch, an offset without colon), `2018-09-27 22:36:43.292`
 * (RDS, UTC without saying so), `Fri, 27 Jan 2023 06:02:51 GMT` (AWS Health), nanoseconds (Google), any offset. Null when it is
 * not a time since 1970: `Date.parse` alone would take "alarm 1" for the year 2001.
 */
export function toInstant(text: string): string | null {
  const trimmed = text.trim();
  const iso = isoLike.exec(trimmed);
  if (!iso) return rfc1123.test(trimmed) ? fromMilliseconds(Date.parse(trimmed)) : null;
  const [, day, time, fraction = '', offset = 'Z'] = iso;
  const zone = offset.length === 5 ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset.toUpperCase();
  return fromMilliseconds(Date.parse(`${day}T${time}${fraction.slice(0, 4)}${zone}`));
}

/** Reads UNIX seconds (Cloud Monitoring). Null for 0 and for what is no time: `ended_at: 0` means "has not ended". */
export function fromUnixSeconds(seconds: number): string | null {
  return seconds > 0 ? fromMilliseconds(Math.round(seconds * 1000)) : null;
}

/** Four-digit years only: beyond them `toISOString` changes its form. */
const latestMilliseconds = Date.parse('9999-12-31T23:59:59.999Z');

function fromMilliseconds(milliseconds: number): string | null {
  if (!(milliseconds >= 0 && milliseconds <= latestMilliseconds)) return null;
  return new Date(milliseconds).toISOString();
}
