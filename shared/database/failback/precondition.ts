// Whether this is a coming back at all, and whether what was stranded can be known: refused with the way out, never guessed.
import { copySlot, epochSlot } from '../../model/slots.ts';
import { lsnValue } from './change.ts';
import type { StrandedSource } from './read-stranded.ts';
import type { Applied, Side } from './sides.ts';

/** Who is who, as the register has it, beside the two databases. */
export type Return = {
  oldSite: string;
  newSite: string;
  /** The register's: the new writer's epoch. */
  epoch: number;
  /** The id of a run that is open; null when none is. */
  run: string | null;
  old: Side;
  new: Side;
};

/** Why nothing of a coming back may be done now, with the way out; null when it may. First that holds wins. */
export function refusalOf(found: Return): string | null {
  const { oldSite, newSite, epoch, run, old } = found;
  const fresh = found.new;
  if (run !== null) {
    return `the run ${run} is open, and decides who the writer is: wait for its end (\`causeway status\`), or \`causeway abandon ${run}\``;
  }
  if (old.origin === fresh.origin) {
    return `both addresses lead to the same database: --old-url is that of ${oldSite}, --new-url that of ${newSite}`;
  }
  if (fresh.epoch !== epoch) {
    return `the database of ${newSite} is at epoch ${fresh.epoch}, and the register says that ${newSite} writes at epoch ${epoch}: check --new-url, or wait until its promotion is done (\`causeway status\`)`;
  }
  if (!fresh.open) {
    return `the guard of ${newSite} is shut, so that nothing can be written there: see \`causeway status\` for why its keeper does not renew`;
  }
  if (fresh.subscription && (fresh.subscription.enabled || fresh.subscription.slot !== null)) {
    return `${newSite} still has a live subscription, so that its promotion is not done: see \`causeway status\``;
  }
  if (old.epoch === 0 || !fresh.heard.includes(old.origin)) {
    return `${newSite} has never heard of that database as its writer: check --old-url; a site that never wrote is set up as a standby, and has nothing to come back with`;
  }
  if (old.epoch >= epoch) {
    return `the database of ${oldSite} is at epoch ${old.epoch}, and the register is at ${epoch}: whose is that database? Check --old-url`;
  }
  if (old.mode === 'observe') {
    return `the guard of ${oldSite} only observes, so that clients may be writing there: \`causeway db install --mode enforce\` on it`;
  }
  if (old.open || old.dormant || old.fencedEpoch < old.epoch) {
    return `the database of ${oldSite} is not fenced at epoch ${old.epoch}, so that clients may still write there: start its keeper, which fences it (\`causeway keeper --site ${oldSite}\`)`;
  }
  return null;
}

export type Knowable = { kind: 'known'; source: StrandedSource } | { kind: 'unknown'; because: string; wayOut: string };

export type Asked = { publication: string; firstSlot: string; slot: string | null; appliedLsn: string | null };

/** What to read the divergence from, or why nobody can. `slot` and `appliedLsn` are what an operator says instead. */
export function sourceOf({ oldSite, newSite, old }: Return, applied: Applied, asked: Asked): Knowable {
  const slot = asked.slot ?? slotOf(old, asked.firstSlot);
  const found = old.slots.find(({ name }) => name === slot);
  if (!found || found.walStatus === 'lost') {
    const why = found ? 'has lost its log (max_slot_wal_keep_size)' : 'is not there';
    return {
      kind: 'unknown',
      because: `the slot ${slot} of ${oldSite} ${why}: what ${oldSite} accepted and ${newSite} never got cannot be read any more`,
      wayOut: `compare the tables of both sides while the old rows are there, keep a dump of ${oldSite}, then \`causeway failback rejoin --without-divergence\`, which copies every table`,
    };
  }
  if (found.active) {
    return {
      kind: 'unknown',
      because: `the slot ${slot} of ${oldSite} is being read by somebody`,
      wayOut: `find the reader in pg_replication_slots.active_pid of ${oldSite}, and end it`,
    };
  }
  const appliedLsn = asked.appliedLsn ?? (applied.kind === 'known' ? applied.lsn : null);
  if (appliedLsn === null) return { kind: 'unknown', ...whyUnapplied(applied, newSite) };
  lsnValue(appliedLsn);
  return { kind: 'known', source: { slot, publication: asked.publication, appliedLsn } };
}

/** The slot that the other side read from: promotion makes one at each epoch, and before the first there was the one of the setup. */
function slotOf(old: Side, first: string): string {
  const own = [copySlot(old.epoch), epochSlot(old.epoch)];
  return own.find((slot) => old.slots.some(({ name }) => name === slot)) ?? first;
}

function whyUnapplied(applied: Applied, newSite: string): { because: string; wayOut: string } {
  return applied.kind === 'not-allowed'
    ? {
        because: `how far ${newSite} had applied the log may not be read by the role ${applied.role}`,
        wayOut: `an administrator runs there: GRANT EXECUTE ON FUNCTION pg_show_replication_origin_status() TO ${applied.role}; or reads remote_lsn of it, and you give it as --applied-lsn`,
      }
    : {
        because: `the subscription of ${newSite} was dropped, and how far it had applied the log went with it`,
        wayOut:
          'when somebody wrote that position down, give it as --applied-lsn; else compare the tables, keep a dump, then `causeway failback rejoin --without-divergence`',
      };
}
