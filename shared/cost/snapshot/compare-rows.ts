// Two files of one day's rows beside each other: what the later says, less what the earlier said. Both are sorted, and neither is held.
import type { CostChange, CostPart } from '../../model/cost-day.ts';
import type { ObjectBucket } from '../../ports/object-bucket.ts';
import { subtractAmount } from '../money.ts';
import { cutOf } from './gather-day.ts';
import { cutOfKey, type RowLine } from './lines.ts';
import { readRows } from './rows-file.ts';
import { createTally, type Tally } from './tally.ts';

/** Of a revision: what people read; the rest is told together. */
const mostChanges = 50;

/** Null: the earlier file is no longer there. */
export async function compareRows(bucket: ObjectBucket, earlier: string, later: string): Promise<CostChange[] | null> {
  const [before, after] = [await readRows(bucket, earlier), await readRows(bucket, later)];
  if (before === null) return null;
  if (after === null) throw new Error(`${later} is not there, and was written a moment ago`);
  const tally = createTally();
  const [left, right] = [createCursor(before), createCursor(after)];
  let [one, other] = [await left(), await right()];
  while (one !== null || other !== null) {
    if (other === null || (one !== null && one.key < other.key)) {
      if (one !== null) add(tally, one.key, '0', '0', one);
      one = await left();
    } else if (one === null || other.key < one.key) {
      add(tally, other.key, other.billed, other.effective, null);
      other = await right();
    } else {
      if (one.billed !== other.billed || one.effective !== other.effective) {
        add(tally, one.key, other.billed, other.effective, one);
      }
      [one, other] = [await left(), await right()];
    }
  }
  return tally.cuts(mostChanges);
}

/** The same of the sums alone: for when the earlier rows are gone. */
export function compareParts(before: readonly CostPart[], after: readonly CostPart[]): CostChange[] {
  const tally = createTally();
  for (const { billed, effective, ...cut } of after) tally.add(cut, billed, effective, 1);
  for (const { billed, effective, ...cut } of before) {
    tally.add(cut, subtractAmount('0', billed), subtractAmount('0', effective), 1);
  }
  return tally
    .cuts(mostChanges)
    .filter(({ billed, effective }) => billed !== '0' || effective !== '0')
    .map((change) => ({ ...change, rows: null }));
}

function add(tally: Tally, key: string, billed: string, effective: string, before: RowLine | null): void {
  const then = before ?? { billed: '0', effective: '0' };
  tally.add(cutOf(cutOfKey(key)), subtractAmount(billed, then.billed), subtractAmount(effective, then.effective), 1);
}

/** The next row each time; null at the end. */
function createCursor(pages: AsyncIterable<RowLine[]>): () => Promise<RowLine | null> {
  const iterator = pages[Symbol.asyncIterator]();
  let page: RowLine[] = [];
  let index = 0;
  return async () => {
    while (index >= page.length) {
      const read = await iterator.next();
      if (read.done) return null;
      page = read.value;
      index = 0;
    }
    index += 1;
    return page[index - 1] ?? null;
  };
}
