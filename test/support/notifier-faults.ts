// The notifier contract's ways of failing, as faults of a stand-in.
import type { FaultSwitch } from './fault-switch.ts';

export type NotifierFault = 'drop' | 'lose-answer' | 'silence' | 'busy' | 'reject' | null;

/** `rejection` is what the service answers when it will never take the message; `busy` is 429 in its own words. */
export function failNotifier(
  faults: FaultSwitch,
  how: NotifierFault,
  words: { rejection: { status: number; code: string }; busy: string },
): void {
  if (how === null) faults.heal();
  else if (how === 'silence') faults.set({ kind: 'delay', at: 'answer', seconds: 30 });
  else if (how === 'busy') faults.set({ kind: 'refuse', status: 429, code: words.busy });
  else if (how === 'reject') faults.set({ kind: 'refuse', ...words.rejection });
  else faults.set({ kind: how });
}
