// A stand-in for BigQuery: one table of a billing export, queried over the REST wire.
import * as z from 'zod';
import { evaluate, type Parameters, type Row, Timestamp, type Value } from './bigquery-evaluate.ts';
import { parseSql } from './bigquery-parse.ts';
import type { BillingTable } from './bigquery-table.ts';
import { SqlNotUnderstood } from './bigquery-tokens.ts';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  headerOf,
  jsonAnswer,
  startHttp,
  withFaults,
} from './http.ts';

export type BigQueryStandinOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** Where queries may run. */
  project: string;
  /** `project.dataset.table`, its location, and its rows; null: the export has not been set up. */
  table(): { name: string; location: string; rows: BillingTable } | null;
  /** Asked before each first page: whether the answer says that the query still runs. */
  lingers(): boolean;
  faults: Faults;
};

class BigQueryError extends Error {
  override readonly name = 'BigQueryError';
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

const Parameter = z.object({
  name: z.string(),
  parameterType: z.object({ type: z.enum(['STRING', 'TIMESTAMP']) }),
  parameterValue: z.object({ value: z.string() }),
});
const Asked = z.object({
  query: z.string(),
  useLegacySql: z.literal(false),
  parameterMode: z.literal('NAMED', 'only named parameters are spoken').or(z.literal('named')),
  queryParameters: z.array(Parameter).default([]),
  maximumBytesBilled: z.coerce.number().optional(),
});
const QueryRequest = Asked.extend({ location: z.string(), maxResults: z.number().int().min(1).optional() });
const InsertRequest = z.object({
  configuration: z.object({ query: Asked, dryRun: z.literal(true, 'this stand-in inserts jobs for dry runs alone') }),
  jobReference: z.object({ location: z.string(), jobId: z.string() }),
});

type Job = { id: string; location: string; rows: Row[]; names: string[]; readBytes: number };
type World = { options: BigQueryStandinOptions; jobs: Map<string, Job> };

/** A bearer token must be there; it is not verified. */
export function startBigQueryStandin(options: BigQueryStandinOptions): Promise<HttpServer> {
  const world: World = { options, jobs: new Map() };
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    try {
      if (!headerOf(request, 'authorization')?.startsWith('Bearer ')) {
        throw new BigQueryError(401, 'required', 'Login Required.');
      }
      return jsonAnswer(200, route(request, world));
    } catch (error) {
      if (error instanceof BigQueryError) return failure(error.status, error.reason, error.message);
      if (error instanceof SqlNotUnderstood) return failure(400, 'invalidQuery', error.message);
      if (error instanceof z.ZodError) return failure(400, 'invalid', z.prettifyError(error));
      throw error;
    }
  };
  return startHttp(
    withFaults(handle, options.faults, (status, code) => failure(status, code, `${code}, as asked for`)),
    options,
  );
}

function route(request: HttpRequest, world: World): object {
  const [, project, rest = ''] = /^\/bigquery\/v2\/projects\/([^/]+)\/(.*)$/.exec(request.path) ?? [];
  if (project !== world.options.project) {
    throw new BigQueryError(403, 'accessDenied', `Access Denied: Project ${project}: bigquery.jobs.create`);
  }
  const body = (): unknown => JSON.parse(request.body.toString('utf8'));
  if (request.method === 'POST' && rest === 'queries') return query(QueryRequest.parse(body()), world);
  if (request.method === 'POST' && rest === 'jobs') return dryRun(InsertRequest.parse(body()), world);
  const [, id] = /^queries\/([^/]+)$/.exec(rest) ?? [];
  const job = world.jobs.get(id ?? '');
  if (request.method !== 'GET' || job === undefined) throw new BigQueryError(404, 'notFound', `Not found: ${rest}`);
  const { query: asked } = request;
  const pageToken = asked.get('pageToken');
  if (pageToken === null && world.options.lingers()) return running(job, 'bigquery#getQueryResultsResponse');
  return page(job, Number(asked.get('maxResults') ?? 10_000), pageToken);
}

function query(asked: z.infer<typeof QueryRequest>, world: World): object {
  const done = run(asked, asked.location, world);
  const { maximumBytesBilled: limit } = asked;
  if (limit !== undefined && done.readBytes > limit) {
    const text = `Query exceeded limit for bytes billed: ${limit}. ${done.readBytes} or higher required.`;
    throw new BigQueryError(400, 'bytesBilledLimitExceeded', text);
  }
  const job = { ...done, id: `job_${world.jobs.size + 1}`, location: asked.location };
  world.jobs.set(job.id, job);
  if (!world.options.lingers()) return page(job, asked.maxResults ?? 10_000, null);
  return running(job, 'bigquery#queryResponse');
}

function running(job: Job, kind: string): object {
  return { kind, jobReference: referenceOf(job), jobComplete: false };
}

function dryRun({ configuration, jobReference }: z.infer<typeof InsertRequest>, world: World): object {
  const { readBytes } = run(configuration.query, jobReference.location, world);
  return {
    kind: 'bigquery#job',
    jobReference: { location: jobReference.location },
    status: { state: 'DONE' },
    statistics: { totalBytesProcessed: String(readBytes), query: { totalBytesProcessed: String(readBytes) } },
  };
}

function run(asked: z.infer<typeof Asked>, location: string, { options }: World): Omit<Job, 'id' | 'location'> {
  const parsed = parseSql(asked.query);
  const parameters = parametersOf(asked);
  const { from } = parsed.named.select;
  const name = from.kind === 'table' ? from.name : '';
  const table = options.table();
  if (table === null || table.name !== name || table.location !== location) {
    const text = `Not found: Table ${name.replace('.', ':')} was not found in location ${location}`;
    throw new BigQueryError(404, 'notFound', text);
  }
  const { rows, readBytes } = table.rows.read(parsed, parameters);
  const told = evaluate(parsed, () => rows, parameters);
  return { rows: told, names: parsed.select.items.map(({ as }) => as), readBytes };
}

function parametersOf({ queryParameters }: z.infer<typeof Asked>): Parameters {
  return new Map<string, Value>(
    queryParameters.map(({ name, parameterType, parameterValue: { value } }) => [
      name,
      parameterType.type === 'TIMESTAMP' ? new Timestamp(value) : value,
    ]),
  );
}

/** Rows as the wire has them: a list of values for each, all of them texts. Every column of the query is a STRING. */
function page(job: Job, maxResults: number, pageToken: string | null): object {
  const from = pageToken === null ? 0 : Number(pageToken);
  if (!(from >= 0)) throw new BigQueryError(400, 'invalid', 'Invalid page token');
  const to = from + maxResults;
  const rows = job.rows.slice(from, to).map((row) => ({ f: job.names.map((name) => ({ v: row[name] ?? null })) }));
  return {
    kind: 'bigquery#queryResponse',
    schema: { fields: job.names.map((name) => ({ name, type: 'STRING', mode: 'NULLABLE' })) },
    jobReference: referenceOf(job),
    jobComplete: true,
    totalRows: String(job.rows.length),
    totalBytesProcessed: String(job.readBytes),
    cacheHit: false,
    ...(rows.length === 0 ? {} : { rows }),
    ...(to < job.rows.length ? { pageToken: String(to) } : {}),
  };
}

function referenceOf({ id, location }: Job): object {
  return { projectId: 'local', jobId: id, location };
}

const statuses: Record<number, string> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** BigQuery's own list of errors, in which the reason tells more than the status. */
function failure(code: number, reason: string, message: string): HttpAnswer {
  const errors = [{ message, domain: 'global', reason }];
  return jsonAnswer(code, { error: { code, message, errors, status: statuses[code] ?? 'INTERNAL' } });
}
