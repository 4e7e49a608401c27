// One query to BigQuery, read page by page: with a clock for each request and one for the query, counted, since it is paid for by what it reads.
import { type BigQuery, Job } from '@google-cloud/bigquery';
import * as z from 'zod';
import { askPatiently, type Patience } from '../../shared/cost/patience.ts';
import { CostUnavailable } from '../../shared/ports/cost-source.ts';
import { bigQueryUnavailable } from './bigquery-trouble.ts';
import { callGoogle } from './google-call.ts';

export type BigQueryCallOptions = Patience & {
  client: BigQuery;
  /** Who asks, for errors. */
  name: string;
  /** Of the data set. */
  location: string;
  callTimeoutSeconds: number;
  /** How long a query may run before its first row. */
  queryTimeoutSeconds: number;
  /** What a query may read; BigQuery refuses one that would read more, without charge. */
  maxReadBytes: number;
  rowsPerPage: number;
  elapsedSeconds: () => number;
};

export type Asked = { query: string; params: Record<string, string | Date>; types: Record<string, string> };

export type BigQueryCall = {
  /** Rows as they are told, not parsed. */
  run(what: string, asked: Asked): AsyncGenerator<unknown[]>;
  /** How many bytes the query would read. Nothing is read, and nothing charged. */
  estimateBytes(what: string, asked: Asked): Promise<number>;
  spent(): { requests: number; readBytes: number };
};

const Count = z.coerce.number().int().nonnegative();

/** Rows, what to ask the next page with, and the service's own answer. A job is named by the first answer alone. */
const Answer = z.tuple([
  z.array(z.unknown()),
  z.object({ job: z.instanceof(Job).optional(), pageToken: z.string().min(1).optional() }).nullable(),
  z.object({ jobComplete: z.boolean(), totalBytesProcessed: Count.optional() }),
]);
type Answer = z.infer<typeof Answer>;

const DryRun = z.tuple([z.instanceof(Job), z.object({ statistics: z.object({ totalBytesProcessed: Count }) })]);

export function createBigQueryCall(options: BigQueryCallOptions): BigQueryCall {
  const { client, name, location, rowsPerPage, queryTimeoutSeconds } = options;
  const spent = { requests: 0, readBytes: 0 };
  const paging = { autoPaginate: false, maxResults: rowsPerPage };

  function ask<T>(what: string, schema: z.ZodType<T>, call: () => Promise<unknown>): Promise<T> {
    return askPatiently(what, options, async () => {
      spent.requests += 1;
      const answer = await callGoogle(what, options.callTimeoutSeconds, call).catch((error: unknown) => {
        throw bigQueryUnavailable(name, error);
      });
      const read = schema.safeParse(answer);
      if (read.success) return read.data;
      throw invalid(`${what}: the answer cannot be understood: ${z.prettifyError(read.error)}`);
    });
  }

  /** The first page, when the query has come so far. */
  async function first(what: string, asked: Asked): Promise<{ answer: Answer; job: Job | undefined }> {
    const untilSeconds = options.elapsedSeconds() + queryTimeoutSeconds;
    const query = { ...asked, location, maximumBytesBilled: String(options.maxReadBytes), useQueryCache: false };
    let answer = await ask(what, Answer, () => client.query(query, paging));
    const job = answer[1]?.job;
    while (!answer[2].jobComplete) {
      if (job === undefined) throw invalid(`${what}: a query that runs on names no job`);
      if (options.elapsedSeconds() > untilSeconds) {
        const late = `${what}: the query still ran after ${queryTimeoutSeconds} s; the next run asks again`;
        throw new CostUnavailable(name, 'time-out', late);
      }
      answer = await ask(what, Answer, () => job.getQueryResults(paging));
    }
    spent.readBytes += answer[2].totalBytesProcessed ?? 0;
    return { answer, job };
  }

  async function* run(what: string, asked: Asked): AsyncGenerator<unknown[]> {
    const begun = await first(what, asked);
    const { job } = begun;
    let [rows, next] = begun.answer;
    const seen = new Set<string>();
    for (;;) {
      yield rows;
      const pageToken = next?.pageToken;
      if (pageToken === undefined) return;
      seen.add(pageToken);
      if (job === undefined) throw invalid(`${what}: a query of several pages names no job`);
      [rows, next] = await ask(`${what}, page ${seen.size + 1}`, Answer, () =>
        job.getQueryResults({ ...paging, pageToken }),
      );
      if (next?.pageToken !== undefined && seen.has(next.pageToken)) {
        throw invalid(`${what}: page ${seen.size + 1} leads back to one that was read`);
      }
    }
  }

  function invalid(why: string): CostUnavailable {
    return new CostUnavailable(name, 'invalid', why);
  }

  return {
    run,
    spent: () => ({ ...spent }),
    async estimateBytes(what, asked) {
      const [, told] = await ask(what, DryRun, () => client.createQueryJob({ ...asked, location, dryRun: true }));
      return told.statistics.totalBytesProcessed;
    },
  };
}
