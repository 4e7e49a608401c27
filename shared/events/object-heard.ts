// The words of the parsers of storage events, whichever cloud sent them.
import type * as z from 'zod';
import type { HeardObject } from '../model/object-hint.ts';

export function ignored(because: string): HeardObject {
  return { kind: 'ignored', because };
}

/** `record`: in a form in which it can be sent again. */
export function refused(because: string, record: unknown): HeardObject {
  return { kind: 'rejected', because: because.slice(0, longestSentence), record: textOf(record) };
}

/** Every place that its source's schema refuses, and what was wanted there. */
export function malformedRecord(source: string, error: z.ZodError, record: unknown): HeardObject {
  const places = error.issues.map((issue) => `${issue.path.map(String).join('.') || 'the record'}: ${issue.message}`);
  return refused(`this is not what ${source} sends: ${places.join('; ')}`, record);
}

/** It may quote what the record holds. */
const longestSentence = 4000;
/** Many times what an event of either service has; as JSON within JSON, at its worst, it still goes into a message of 256 KiB. */
const longestRecordBytes = 32 * 1024;

function textOf(record: unknown): string {
  const text = typeof record === 'string' ? record : (JSON.stringify(record) ?? String(record));
  const bytes = Buffer.from(text);
  if (bytes.length <= longestRecordBytes) return text;
  // A character that was cut in two goes with the rest.
  const kept = bytes
    .subarray(0, longestRecordBytes)
    .toString('utf8')
    .replace(/\ufffd+$/u, '');
  return `${kept}... (cut: it has ${bytes.length} bytes, and ${longestRecordBytes} are kept)`;
}
