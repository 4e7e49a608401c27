// What parse functions answer with, and the words for what they could not take.
import type * as z from 'zod';
import type { Parsed, Rejection, Signal } from '../model/signal.ts';

export function heard(...signals: Signal[]): Parsed {
  return { signals, rejections: [] };
}

/** `explanation` says what was found, where, and what would have been accepted. */
export function rejected(reason: Rejection['reason'], source: string, explanation: string): Parsed {
  return { signals: [], rejections: [{ reason, source, explanation }] };
}

/** One record's trouble stays its own: the results stand side by side, in the order of the records. */
export function together(parts: Parsed[]): Parsed {
  return {
    signals: parts.flatMap((part) => part.signals),
    rejections: parts.flatMap((part) => part.rejections),
  };
}

/** The rejection for an event that its source's schema refuses: every place and what was wanted there. */
export function malformed(source: string, error: z.ZodError): Parsed {
  const places = error.issues.map((issue) => `${issue.path.map(String).join('.') || 'the event'}: ${issue.message}`);
  return rejected('malformed', source, `this is not what ${source} sends: ${places.join('; ')}`);
}

/** The rejection for a time that cannot be read: without it, late and out-of-order deliveries could not be told. */
export function unreadableTime(source: string, field: string, found: unknown): Parsed {
  const shown = JSON.stringify(found) ?? 'nothing';
  return rejected(
    'malformed',
    source,
    `${field} is ${shown}, which is no time; accepted are ISO 8601, RFC 1123 and, from Cloud Monitoring, UNIX seconds`,
  );
}
