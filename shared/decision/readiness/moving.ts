// What stands against moving the writer to a site, as far as readiness knows it.
import type { SiteName } from '../../model/site.ts';
import { isOpen, type ReadinessFinding } from './finding.ts';
import { PUBLISHING } from './judge-following.ts';

export type NotReadyFor = {
  /** A move would lose rows or not come to its end: none of a person's choosing should begin before they are mended. */
  blocking: ReadinessFinding[];
  /** For a person to know before: what is not ready there, and then elsewhere; what could not be found out is among it. */
  besides: ReadinessFinding[];
};

/** The loudest first. A failover that nobody chose is never blocked by any of this. */
export function notReadyFor(target: SiteName, findings: readonly ReadinessFinding[]): NotReadyFor {
  const open = findings.filter(isOpen);
  const blocks = ({ site, about, verdict, severity }: ReadinessFinding) =>
    verdict === 'not-ready' && severity === 'critical' && (site === target || about === PUBLISHING);
  const rest = open.filter((finding) => !blocks(finding));
  return {
    blocking: open.filter(blocks),
    besides: [...rest.filter(({ site }) => site === target), ...rest.filter(({ site }) => site !== target)],
  };
}
