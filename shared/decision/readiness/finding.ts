// What the readiness check comes to: one finding for each thing that was looked at, the loudest first.
import type { Severity } from '../../model/notification.ts';
import type { SiteName } from '../../model/site.ts';

export type ReadinessFinding = {
  /** Whose readiness it is about. Its keeper is the one who tells people. */
  site: SiteName;
  /** What was looked at; the same from look to look, so that findings can be followed. */
  about: string;
  /** `noted`: for people to know, and nothing to be woken for. `unknown` is neither ready nor a failure. */
  verdict: 'ready' | 'noted' | 'not-ready' | 'unknown';
  /** How loud it is when it is not ready. */
  severity: Severity;
  found: string;
  /** What to do about it; null where there is nothing to do. */
  wayOut: string | null;
};

const verdicts: ReadinessFinding['verdict'][] = ['not-ready', 'unknown', 'noted', 'ready'];
const severities: Severity[] = ['critical', 'high', 'medium', 'low', 'info'];

export function byLoudness(one: ReadinessFinding, other: ReadinessFinding): number {
  return (
    verdicts.indexOf(one.verdict) - verdicts.indexOf(other.verdict) ||
    severities.indexOf(one.severity) - severities.indexOf(other.severity)
  );
}

export function isOpen({ verdict }: ReadinessFinding): boolean {
  return verdict === 'not-ready' || verdict === 'unknown';
}

/** The same finding from look to look. */
export function keyOf({ site, about }: ReadinessFinding): string {
  return `${site}: ${about}`;
}

type Said = Pick<ReadinessFinding, 'about' | 'found'>;

/** Findings about one site, by their verdict. */
export function findingsAbout(site: SiteName) {
  const make = (verdict: ReadinessFinding['verdict'], severity: Severity, said: Said, wayOut: string | null) => ({
    site,
    verdict,
    severity,
    ...said,
    wayOut,
  });
  return {
    ready: (about: string, found: string): ReadinessFinding => make('ready', 'info', { about, found }, null),
    noted: (about: string, found: string, wayOut: string | null): ReadinessFinding =>
      make('noted', 'low', { about, found }, wayOut),
    notReady: (severity: Severity, about: string, found: string, wayOut: string): ReadinessFinding =>
      make('not-ready', severity, { about, found }, wayOut),
    unknown: (about: string, found: string, wayOut: string): ReadinessFinding =>
      make('unknown', 'high', { about, found }, wayOut),
  };
}

/** The first of them, and how many more there are. */
export function some(names: readonly string[], limit = 5): string {
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}

/** `2.1 GB`, as disks are counted: powers of 1024. */
export function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 9.95 && power > 0 ? Number(value.toFixed(1)) : Math.round(value)} ${units[power]}`;
}

/** `4 s`, `12 min`, `3 h`, `6 d`. */
export function spanText(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Number((seconds / 3600).toFixed(1))} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
