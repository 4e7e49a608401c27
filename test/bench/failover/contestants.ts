// Who takes part in the comparison. To add one: a file of its own that answers to `Contestant`, and a row here.
import { autoFailover } from './auto-failover.ts';
import { causeway } from './causeway.ts';
import type { Contestant } from './contestant.ts';
import { patroni } from './patroni.ts';
import { repmgr } from './repmgr.ts';

export const contestants: readonly Contestant[] = [causeway, patroni, autoFailover, repmgr];

/** The name as it is given on the command line. */
export function keyOf({ name }: Contestant): string {
  return name.toLowerCase().replaceAll('_', '-');
}
