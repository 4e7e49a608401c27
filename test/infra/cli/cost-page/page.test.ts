// The page of a cost report: whole by itself, readable to a machine that reads it aloud, and honest about what is not known.
import { describe, expect, it } from 'vitest';
import { reportPage } from '../../../../infra/cli/cost-page/page.ts';
import { ticksTo } from '../../../../infra/cli/cost-page/svg.ts';
import { makeReport } from '../../../../shared/cost/report/make-report.ts';
import type { CostDay } from '../../../../shared/model/cost-day.ts';
import { aPlan, dayOf } from '../../../shared/cost/days.ts';
import { estateDays, estateStates, GONE } from '../../../shared/cost/estate.ts';

function pageOf(days: readonly CostDay[]): string {
  return reportPage(
    makeReport({
      application: 'gopro <live>',
      plan: aPlan,
      estate: { standby: 'gcp', production: 'production' },
      month: '2026-11',
      now: new Date('2026-11-25T09:00:00Z'),
      basis: 'effective',
      days,
      states: estateStates,
      unread: [],
    }),
  );
}
const page = pageOf(estateDays());

describe('the page', () => {
  it('needs nothing but itself', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|\bsrc=|\shref=|url\((?!#)/);
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toMatch(/prefers-color-scheme: dark/);
    expect(page).toMatch(/@media print/);
  });

  it('closes every element that it opens', () => {
    const open: string[] = [];
    for (const [, close, name = '', itself] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/gi)) {
      if (itself || ['meta'].includes(name)) continue;
      if (close) expect(open.pop()).toBe(name);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });

  it('gives each chart a title, a sentence, and ids of its own', () => {
    const charts = [...page.matchAll(/<svg [^>]*aria-labelledby="(\S+) (\S+)">/g)];
    expect(charts).toHaveLength(4);
    for (const [, title, description] of charts) {
      expect(page).toMatch(
        new RegExp(`<title id="${title}">[^<]{10,}</title><desc id="${description}">[^<]{10,}</desc>`),
      );
    }
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('has the figures of each chart in a table', () => {
    expect(page.match(/<table>/g)?.length).toBeGreaterThanOrEqual(4);
    expect(page).toContain('<td data-label="AWS">$450.92</td>');
  });

  it('never draws a day that nobody told, and says that it is not known', () => {
    expect(page).toContain(`class="missing-day"`);
    expect(page).toContain(`${GONE}: not told by gcp`);
    const cells = page.slice(page.indexOf(`<td data-label="Day">${GONE}</td>`)).split('</tr>')[0];
    expect(cells).toContain('not known');
    expect(page).not.toMatch(/NaN|undefined|Infinity|null/);
  });

  it('hatches days that are open, marks estimates, points at what is unusual, and bands what is foretold', () => {
    expect(page.match(/class="open-day"/g)).toHaveLength(3);
    expect(page).toContain('class="point estimated"');
    expect(page).toMatch(/class="flag"/);
    expect(page).toMatch(/<path class="band" d="M[^"]+Z"/);
  });

  it('escapes what bills and strategies call things', () => {
    expect(page).toContain('Costs of gopro &lt;live&gt; in November 2026');
    const odd = dayOf('aws', '2026-11-02', [
      { category: 'other', service: '<b>x</b>', amount: '5', environment: '"><script>alert(1)</script>' },
    ]);
    expect(pageOf([odd])).not.toMatch(/<script|<b>/);
  });

  it('keeps two currencies apart, each with charts of its own', () => {
    const euro = dayOf('gcp', '2026-11-02', [
      { category: 'compute', service: 'Compute Engine', amount: '7', currency: 'EUR' },
    ]);
    const both = pageOf([...estateDays().filter(({ provider }) => provider === 'aws'), euro]);
    expect(both).toContain('Where the money goes (EUR)');
    expect(both).toContain('Where the money goes (USD)');
    const ids = [...both.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is whole when one day of one cloud is all that is known', () => {
    const first = pageOf([dayOf('aws', '2026-11-01', [{ category: 'compute', service: 'EC2', amount: '12.5' }])]);
    expect(first).toContain('nothing is known');
    expect(first).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('an axis', () => {
  it('has round figures that reach beyond what is shown', () => {
    expect(ticksTo(1348, 5)).toEqual([0, 500, 1000, 1500]);
    expect(ticksTo(0.7, 4)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(ticksTo(0, 4).every(Number.isFinite)).toBe(true);
  });
});
