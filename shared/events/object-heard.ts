// The words of the parsers of storage events, whichever cloud sent them.
import type * as z from 'zod';
import type { HeardObject } from '../model/object-hint.ts';

export function ignored(because: string): HeardObject {
  return { kind: 'ignored', because };
}

export function refused(because: string): HeardObject {
  return { kind: 'rejected', because };
}

/** Every place that its source's schema refuses, and what was wanted there. */
export function malformedRecord(source: string, error: z.ZodError): HeardObject {
  const places = error.issues.map((issue) => `${issue.path.map(String).join('.') || 'the record'}: ${issue.message}`);
  return refused(`this is not what ${source} sends: ${places.join('; ')}`);
}
