// Judging slots: who reads each, what it holds back, and how far that is from where PostgreSQL gives it up, or the disk gives in.
import type { DatabaseFacts, SlotFacts } from '../../model/readiness.ts';
import type { SiteName } from '../../model/site.ts';
import { epochSlot } from '../../model/slots.ts';
import { ageOf, databaseOf, type ReadinessCase, standbysOf } from './case.ts';
import { bytesText, findingsAbout, type ReadinessFinding, spanText } from './finding.ts';

/** What a slot is there for, as the situation stands. */
type Purpose =
  | { kind: 'read'; by: SiteName }
  /** Made by the promotion, so that the site that was the writer before comes back without a copy. */
  | { kind: 'kept'; for: SiteName }
  /** At the site that was the writer before: what it had written and nobody has read. */
  | { kind: 'stranded' }
  | { kind: 'foreign' };

const alarmShare = 0.8;
const warnShare = 0.5;
/** A reader that reconnects is away for seconds. */
const awaySeconds = 120;
/** autovacuum_freeze_max_age as it comes: from here on vacuum works against what the slot holds. */
const oldCatalog = 200_000_000;

export function judgeSlots(it: ReadinessCase, site: SiteName, facts: DatabaseFacts): ReadinessFinding[] {
  return [judgeLimit(site, facts), ...facts.slots.map((slot) => judgeSlot(it, site, facts, slot))];
}

function judgeLimit(site: SiteName, { slotLimitBytes, slots }: DatabaseFacts): ReadinessFinding {
  const { ready, notReady } = findingsAbout(site);
  const about = 'max_slot_wal_keep_size';
  if (slotLimitBytes !== null) return ready(about, `a slot may hold back at most ${bytesText(slotLimitBytes)}`);
  const held = slots.reduce((most, { retainedBytes }) => Math.max(most, retainedBytes ?? 0), 0);
  return notReady(
    'critical',
    about,
    `is -1, no limit: a peer that does not come back fills the disk of ${site} until nobody can write; ${bytesText(held)} are held back now`,
    'set it to less than half of the free disk (a parameter group of RDS, a flag of Cloud SQL; no restart): a slot is then given up before the disk is full',
  );
}

function judgeSlot(it: ReadinessCase, site: SiteName, facts: DatabaseFacts, slot: SlotFacts): ReadinessFinding {
  const { ready, noted, notReady } = findingsAbout(site);
  const about = `slot ${slot.name}`;
  const purpose = purposeOf(it, site, slot);
  const drop = `select pg_drop_replication_slot('${slot.name}') at ${site}`;
  if (slot.walStatus === 'lost') return lost(site, about, purpose, drop);
  const held = heldText(slot, facts.slotLimitBytes);
  const share = slot.retainedBytes !== null && facts.slotLimitBytes ? slot.retainedBytes / facts.slotLimitBytes : 0;
  const whose = purposeText(it, site, slot, purpose);
  if (slot.walStatus === 'unreserved' || share >= alarmShare) {
    const found = `${whose}; ${held}: it is about to be lost`;
    return notReady('critical', about, found, beforeItIsLost(purpose, drop));
  }
  if (share >= warnShare) return notReady('high', about, `${whose}; ${held}`, beforeItIsLost(purpose, drop));
  if (slot.catalogAge !== null && slot.catalogAge > oldCatalog) {
    const found = `${whose}, and holds the catalogue back by ${slot.catalogAge} transactions: vacuum cannot clean behind it`;
    return notReady('high', about, found, `let its reader go on, or give it up: ${drop}`);
  }
  const idle = !slot.active && (slot.inactiveSeconds ?? awaySeconds) >= awaySeconds;
  if (purpose.kind === 'kept' || purpose.kind === 'stranded') return noted(about, `${whose}; ${held}`, null);
  if (idle && purpose.kind === 'read') {
    const found = `${purpose.by} has not read it for ${idleText(slot)}; ${held}`;
    const wayOut = `why does the subscription of ${purpose.by} not run? Its server log says so; \`causeway db check\` there`;
    return notReady('high', about, found, wayOut);
  }
  if (idle)
    return notReady('medium', about, `${whose} for ${idleText(slot)}; ${held}`, `start its reader, or: ${drop}`);
  return ready(about, `${whose}; ${held}`);
}

function purposeOf(it: ReadinessCase, site: SiteName, { name, ours }: SlotFacts): Purpose {
  const { writer, epoch, previous } = it.situation;
  if (!ours) return { kind: 'foreign' };
  if (site !== writer) return previous?.writer === site && isNamed(name) ? { kind: 'stranded' } : { kind: 'foreign' };
  const standbys = standbysOf(it);
  const reader = standbys.find((one) => databaseOf(it, one)?.subscription?.slot === name);
  if (reader !== undefined) return { kind: 'read', by: reader };
  if (previous && previous.writer !== site && name === epochSlot(epoch)) {
    return { kind: 'kept', for: previous.writer };
  }
  // A standby that cannot be asked still has its slot here.
  const [silent] = standbys.filter((one) => databaseOf(it, one) === null);
  return silent !== undefined && isNamed(name) ? { kind: 'read', by: silent } : { kind: 'foreign' };
}

const isNamed = (name: string) => name === 'causeway' || name.startsWith('causeway_');

function purposeText(it: ReadinessCase, site: SiteName, slot: SlotFacts, purpose: Purpose): string {
  switch (purpose.kind) {
    case 'read':
      return slot.active ? `${purpose.by} reads it` : `${purpose.by} reads it, and is away`;
    case 'kept': {
      const since = it.situation.lastRun?.endedAt;
      const away = since === undefined ? 'yet' : `for ${spanText(ageOf(since, it.now))}`;
      return `kept for ${purpose.for}, which has not come back ${away}`;
    }
    case 'stranded':
      return `holds what ${site} wrote as the writer and nobody has read: \`causeway failback\` reads it`;
    case 'foreign':
      return slot.active ? 'is read by somebody that Causeway does not know' : 'nobody has read it';
  }
}

function heldText({ retainedBytes }: SlotFacts, limitBytes: number | null): string {
  const held = `${bytesText(retainedBytes ?? 0)} of write-ahead log are held back for it`;
  return limitBytes === null ? held : `${held}, of at most ${bytesText(limitBytes)}`;
}

function idleText({ inactiveSeconds }: SlotFacts): string {
  return inactiveSeconds === null ? 'a time that this server does not tell' : spanText(inactiveSeconds);
}

function beforeItIsLost(purpose: Purpose, drop: string): string {
  switch (purpose.kind) {
    case 'read':
      return `let ${purpose.by} catch up, or raise max_slot_wal_keep_size where the disk allows it; once lost, its tables are copied anew`;
    case 'kept':
      return `\`causeway failback\` while it is there; later every table is copied anew. To give it up for the disk's sake: ${drop}`;
    case 'stranded':
      return `\`causeway failback\` while it is there; later nobody can say what was stranded. To give it up: ${drop}`;
    case 'foreign':
      return `let its reader go on, or give it up: ${drop}`;
  }
}

function lost(site: SiteName, about: string, purpose: Purpose, drop: string): ReadinessFinding {
  const { notReady } = findingsAbout(site);
  const found = 'is lost: PostgreSQL gave up the write-ahead log that it stood for, to save the disk';
  switch (purpose.kind) {
    case 'read':
      return notReady(
        'critical',
        about,
        `${found}; ${purpose.by} gets nothing any more, and a failover to it would lose all since`,
        `${drop}; then copy anew: drop the subscription of ${purpose.by} and make it again`,
      );
    case 'kept':
      return notReady('high', about, `${found}; when ${purpose.for} comes back, every table is copied anew`, drop);
    case 'stranded':
      return notReady('high', about, `${found}; what was stranded at ${site} cannot be read from it any more`, drop);
    case 'foreign':
      return notReady('medium', about, found, drop);
  }
}
