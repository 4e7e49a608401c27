// Readiness as a person reads it: a line for each site in the status, and the whole list, the loudest first.
import { isOpen, type ReadinessFinding } from '../../shared/decision/readiness/finding.ts';
import type { SiteName } from '../../shared/model/site.ts';
import type { Strategy } from '../../shared/model/strategy.ts';
import type { Colors } from './strategy-issues.ts';
import { columns } from './text.ts';

type Judged = { strategy: Strategy; judgement: { readiness: ReadinessFinding[] } };

/** One line for each site: ready, or how much is not. What is not ready stands at the top of a status already. */
export function readinessLines({ strategy, judgement: { readiness } }: Judged, colors: Colors): string[] {
  if (readiness.length === 0) return ['not judged: what has to be ready depends on who writes'];
  const rows = strategy.sites.map(({ name }) => [name, ...summaryOf(name, readiness)]);
  return columns(rows).map((row, index) => {
    const word = rows[index]?.[1] ?? '';
    return row.replace(` ${word} `, ` ${(word === 'ready' ? colors.green : colors.red)(word)} `);
  });
}

function summaryOf(site: SiteName, all: ReadinessFinding[]): [string, string] {
  const here = all.filter((one) => one.site === site);
  const open = here.filter(isOpen);
  const noted = here.filter(({ verdict }) => verdict === 'noted').map(({ about }) => about);
  const notes = noted.length === 0 ? '' : `; noted: ${noted.join(', ')}`;
  if (open.length === 0) return ['ready', `${here.length} things looked at${notes}`];
  const word = open.every(({ verdict }) => verdict === 'unknown') ? 'unknown' : 'not ready';
  return [word, `${open.length} of ${here.length}: ${open.map(({ about }) => about).join(', ')}${notes}`];
}

/** Everything that was looked at. */
export function readinessText(sites: SiteName[], findings: ReadinessFinding[], colors: Colors): string {
  const paint = { ready: colors.green, noted: colors.cyan, 'not-ready': colors.red, unknown: colors.yellow };
  return sites
    .flatMap((site) => [
      colors.bold(site),
      ...findings
        .filter((one) => one.site === site)
        .flatMap(({ verdict, severity, about, found, wayOut }) => [
          `  ${paint[verdict](verdict.padEnd(10))}${colors.bold(about)}${verdict === 'not-ready' ? ` (${severity})` : ''}: ${found}`,
          ...(wayOut === null ? [] : [`            ${colors.dim(`> ${wayOut}`)}`]),
        ]),
      '',
    ])
    .join('\n')
    .trimEnd();
}

/** One finding in a line, where others stand beside it. */
export function findingLine({ site, about, verdict, severity, found }: ReadinessFinding): string {
  return `readiness of ${site} (${verdict === 'unknown' ? 'unknown' : severity}): ${about}: ${found}`;
}
