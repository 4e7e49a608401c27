// What the providers charge for requests, traffic and storage, as data: with the day on which it was read, and where.
import type { Provider } from '../../model/site.ts';

export type PriceTable = {
  provider: Provider;
  /** The day on which the prices were read. */
  asOf: string;
  source: string;
  /** Which prices these are: they differ by region and class. */
  scope: string;
  /** Dollars for a thousand requests: writes, copies and listings; reads and looks; deletes. */
  dollarsPerThousand: { write: number; read: number; remove: number };
  /** Traffic out to the internet in a month, by how much of it there is: the last row has no end. */
  egress: readonly { upToBytes: number; dollarsPerGigabyte: number }[];
  /** What "a gigabyte" is to this provider. */
  gigabyte: number;
  storageDollarsPerGigabyteMonth: number;
};

const GB = 1000 ** 3;
const GIB = 1024 ** 3;

export const PRICES: Record<Provider, PriceTable> = {
  aws: {
    provider: 'aws',
    asOf: '2026-09-20',
    source: 'https://aws.amazon.com/s3/pricing/',
    scope: 'S3 Standard, us-east-1; 100 GB of traffic a month are free and not counted here',
    dollarsPerThousand: { write: 0.005, read: 0.0004, remove: 0 },
    egress: [
      { upToBytes: 10_000 * GB, dollarsPerGigabyte: 0.09 },
      { upToBytes: 50_000 * GB, dollarsPerGigabyte: 0.085 },
      { upToBytes: 150_000 * GB, dollarsPerGigabyte: 0.07 },
      { upToBytes: Number.POSITIVE_INFINITY, dollarsPerGigabyte: 0.05 },
    ],
    gigabyte: GB,
    storageDollarsPerGigabyteMonth: 0.023,
  },
  gcp: {
    provider: 'gcp',
    asOf: '2026-09-20',
    source: 'https://cloud.google.com/storage/pricing',
    scope: 'Standard storage in one region; the price of the first 10 TiB of traffic is used for all of it',
    dollarsPerThousand: { write: 0.005, read: 0.0004, remove: 0 },
    egress: [{ upToBytes: Number.POSITIVE_INFINITY, dollarsPerGigabyte: 0.12 }],
    gigabyte: GIB,
    /** 0.000027397 dollars a gibibyte and hour, 730 hours. */
    storageDollarsPerGigabyteMonth: 0.02,
  },
};

/** Dollars for that much traffic out, as if nothing else had gone out this month. */
export function egressDollars({ egress, gigabyte }: PriceTable, bytes: number): number {
  let dollars = 0;
  let before = 0;
  for (const { upToBytes, dollarsPerGigabyte } of egress) {
    const inRow = Math.max(0, Math.min(bytes, upToBytes) - before);
    dollars += (inRow / gigabyte) * dollarsPerGigabyte;
    before = upToBytes;
  }
  return dollars;
}
