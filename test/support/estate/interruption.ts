// Interruptions: a story told once to learn every effect of its keepers, and again with a keeper that dies just after each of them.
import { canonicalJson } from '../../../shared/model/canonical-json.ts';
import type { Ground } from '../../../shared/model/site.ts';
import type { Situation } from '../../../shared/model/situation.ts';
import type { PortCall } from './mortal.ts';
import type { Story } from './story.ts';

/** Just after this call had its effect, and before its caller heard of it. */
export type Interruption = PortCall & { label: string };

const effects: Record<string, string[]> = {
  guard: ['open'],
  fencing: ['fence'],
  promotion: ['drain', 'detach', 'advanceSequences', 'prepareReverse'],
  following: ['follow', 'releaseSlots'],
};
const effectMethods = ['put', 'remove', 'apply', 'raise', 'promote', 'send'];

/** Watches the keepers of a place from now on; answers what it has seen when it is called. */
export function recordEffects({ schedules, estate }: Story, place: Ground): () => Interruption[] {
  const seen: Interruption[] = [];
  const isOf = new Map<string, boolean>();
  let seenDecided = besidesLease(estate.situation());
  schedules.onCall((call) => {
    const known = isOf.get(call.process) ?? schedules.living(place).some(({ name }) => name === call.process);
    isOf.set(call.process, known);
    if (!known || !isEffect(call)) return;
    // Of the writes of one change only that which decides it: what is half made is the register's own business, and tested there.
    const decided = besidesLease(estate.situation());
    if (call.subject.startsWith('register/') && decided === seenDecided) return;
    seenDecided = decided;
    const at = estate.clock.elapsedSeconds().toFixed(2);
    seen.push({ ...call, label: `${at} s ${call.process} ${call.port} ${call.method} ${call.subject}`.trim() });
  });
  return () => [...seen];
}

/** `alone`: that process ends, and another of its site may live on. `together`: all keepers of the site end, until the schedule starts one. */
export function interruptAt(
  { schedules }: Story,
  { process, ordinal }: Interruption,
  place: Ground,
  who: 'alone' | 'together',
): () => boolean {
  let struck = false;
  schedules.onCall((call, mortal) => {
    if (call.process !== process || call.ordinal !== ordinal) return;
    struck = true;
    if (who === 'alone') mortal.kill();
    else for (const one of schedules.living(place)) one.mortal.kill();
  });
  return () => struck;
}

/** Renewals go on whoever performs, and are no steps of the story. */
function besidesLease({ lease, ...situation }: Situation): string {
  return canonicalJson({ ...situation, version: 0, heartbeat: null, fenced: lease.fenced });
}

/** Bulletins, readiness, journal entries and the alarm board are words, not effects. */
function isEffect({ port, method, subject }: PortCall): boolean {
  if (/^(causeway\/)?(bulletins|journal|alarms|readiness)\//.test(subject)) return false;
  return effects[port]?.includes(method) ?? effectMethods.includes(method);
}
