// What RDS's words for an instance's state mean to us.
import type { InstanceState } from '../../shared/ports/managed-database.ts';

/** Serving: these states do not interrupt the database. */
const running = new Set([
  'available',
  'backing-up',
  'configuring-enhanced-monitoring',
  'configuring-iam-database-auth',
  'configuring-log-exports',
  'storage-config-upgrade',
  'storage-initialization',
  'storage-optimization',
]);

const failed = new Set([
  'failed',
  'inaccessible-encryption-credentials',
  'inaccessible-encryption-credentials-recoverable',
  'incompatible-create',
  'incompatible-network',
  'incompatible-option-group',
  'incompatible-parameters',
  'incompatible-restore',
  'insufficient-capacity',
  'restore-error',
  'storage-full',
]);

/**
 * Only the word `stopped` proves that the instance accepts no writes; `stopping` does not. A word that is not known here is a change
 * under way: neither proof of a stop nor proof of service. Source: "Viewing Amazon RDS DB instance status", RDS user guide.
 */
export function statusOf(word: string): InstanceState['status'] {
  if (word === 'stopped') return 'stopped';
  if (running.has(word)) return 'running';
  return failed.has(word) ? 'failed' : 'changing';
}
