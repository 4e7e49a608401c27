// Snapshots of one month's bill in a process of its own whose heap is bounded: taken, taken again, restated. Prints what it took as JSON.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createShelf } from '../../shared/cost/snapshot/shelf.ts';
import { takeSnapshot } from '../../shared/cost/snapshot/snapshot.ts';
import { costPartBytes } from '../../shared/engine/cost-shelves.ts';
import { systemChance, systemClock } from '../../shared/engine/system.ts';
import { createBenchBill } from './cost-bill.ts';
import { createDiskBucket } from './cost-disk-bucket.ts';

const rowsPerDay = Math.ceil(Number(process.argv[2]) / 30);
const dates = Array.from({ length: 30 }, (_, index) => `2026-06-${String(index + 1).padStart(2, '0')}`);
const folder = mkdtempSync(join(tmpdir(), 'causeway-cost-'));
try {
  const shelves = await Promise.all(
    ['aws', 'gcp'].map(async (site) =>
      createShelf(site, await createDiskBucket(site, join(folder, site)), systemClock, systemChance),
    ),
  );
  const bill = { dates, rowsPerDay, restated: false };
  let peakBytes = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
  }, 20);

  async function run() {
    const [began, cpu] = [performance.now(), process.cpuUsage()];
    const range = { fromDate: '2026-06-01', toDate: '2026-07-01' };
    const { days } = await takeSnapshot(
      {
        source: createBenchBill(bill),
        shelves,
        clock: systemClock,
        chance: systemChance,
        late: () => false,
        partBytes: costPartBytes,
        noted: () => undefined,
      },
      { kind: 'range', range, again: true },
    );
    const changed = days.flatMap((day) => (day.kind === 'restated' ? day.revision.changes : []));
    const kinds = [...new Set(days.map(({ kind }) => kind))].join();
    const rows = days.reduce((sum, day) => sum + (day.kind === 'taken' ? day.day.rows : 0), 0);
    const changedRows = changed.reduce((sum, change) => sum + (change.rows ?? 0), 0);
    const { user, system } = process.cpuUsage(cpu);
    const times = { seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
    return { ...times, kinds, days: days.length, rows, changedRows };
  }
  /** Making the rows up and throwing them away: what of the time is the benchmark's own. */
  async function madeUp() {
    const cpu = process.cpuUsage();
    for await (const _ of createBenchBill(bill).rows({ fromDate: '2026-06-01', toDate: '2026-07-01' }));
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1e6;
  }

  const madeUpCpuSeconds = await madeUp();
  const first = await run();
  const again = await run();
  bill.restated = true;
  const restated = await run();
  clearInterval(watch);
  console.log(JSON.stringify({ rowsPerDay, madeUpCpuSeconds, first, again, restated, peakBytes }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
