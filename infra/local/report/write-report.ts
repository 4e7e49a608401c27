// Writes a drill's report, and the summary of several: one file for programs, one for people.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reportPage } from './page.ts';
import { DrillReport, verdictOf } from './report.ts';
import { DrillSummary, verdictOfAll } from './summary.ts';
import { summaryPage } from './summary-page.ts';

export type WrittenReport = { json: string; html: string };

/**
 * Writes `report.json` and `report.html` below the folder, which is made if need be, and answers their paths. Throws when the
 * report does not hold together: a verdict that its objectives do not bear out is worse than none.
 */
export async function writeReport(dir: string, report: DrillReport): Promise<WrittenReport> {
  const sound = DrillReport.parse(report);
  const borneOut = verdictOf(sound.objectives);
  if (sound.verdict !== borneOut) {
    throw new Error(
      `the report says "${sound.verdict}" and its ${sound.objectives.length} objectives say "${borneOut}"`,
    );
  }
  await mkdir(dir, { recursive: true });
  const written = { json: join(dir, 'report.json'), html: join(dir, 'report.html') };
  await writeFile(written.json, `${JSON.stringify(sound, null, 2)}\n`);
  await writeFile(written.html, reportPage(sound));
  return written;
}

/** Writes `summary.json` and `summary.html` below the folder, under the same conditions. */
export async function writeSummary(dir: string, summary: DrillSummary): Promise<WrittenReport> {
  const sound = DrillSummary.parse(summary);
  const borneOut = verdictOfAll(sound.rows);
  if (sound.verdict !== borneOut)
    throw new Error(`the summary says "${sound.verdict}" and its ${sound.rows.length} rows say "${borneOut}"`);
  await mkdir(dir, { recursive: true });
  const written = { json: join(dir, 'summary.json'), html: join(dir, 'summary.html') };
  await writeFile(written.json, `${JSON.stringify(sound, null, 2)}\n`);
  await writeFile(written.html, summaryPage(sound));
  return written;
}
