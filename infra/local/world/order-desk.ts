// Orders to regions, each with a number, and waiting for the region's answer of that number.
import { systemClock } from '../../../shared/engine/system.ts';
import type { Order, OrderLine } from './orders.ts';
import type { Region } from './plan.ts';
import type { ReportLine } from './report-line.ts';

type OrderDesk = {
  /** Rejects with what the region says against it, or when it has not answered within 40 s. */
  give(region: Region, order: Order): Promise<void>;
  hear(line: Extract<ReportLine, { kind: 'obeyed' }>): void;
};

/** A database that is started again may first have much to recover. */
const answerWithinSeconds = 40;

export function createOrderDesk(send: (region: Region, line: string) => void): OrderDesk {
  const waiting = new Map<number, (because: string | null) => void>();
  let number = 0;
  return {
    async give(region, order) {
      const line: OrderLine = { number: ++number, order };
      const over = new AbortController();
      const answered = new Promise<string | null>((resolve) => waiting.set(line.number, resolve));
      const late = systemClock
        .sleep(answerWithinSeconds, over.signal)
        .then(() => `no answer in ${answerWithinSeconds} s`);
      send(region, JSON.stringify(line));
      const because = await Promise.race([answered, late]);
      over.abort();
      waiting.delete(line.number);
      if (because !== null) throw new Error(`the ${region} region could not obey "${order.kind}": ${because}`);
    },
    hear: ({ number: answered, because }) => waiting.get(answered)?.(because),
  };
}
