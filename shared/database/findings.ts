// What an inspection finds: facts about one database, each with the way out.
import type { Inspected } from '../model/readiness.ts';

export type Finding = Inspected;

export const ok = (about: string, found: string): Finding => ({ about, status: 'ok', found, wayOut: null });

/** `wrong` when there is something to list, ok when there is not. */
export function listed(
  about: string,
  names: readonly string[],
  { status, none, wayOut }: { status: 'warn' | 'fail' | 'escape'; none: string; wayOut: string },
): Finding {
  if (names.length === 0) return ok(about, none);
  const shown = names.slice(0, 20).join(', ');
  return { about, status, found: names.length > 20 ? `${shown} and ${names.length - 20} more` : shown, wayOut };
}
