// The sample application of a site: takes orders through the writer's database, and reads them from its own.
import type pg from 'pg';
import * as z from 'zod';
import { type HttpAnswer, type HttpRequest, jsonAnswer, startHttp } from '../standins/http.ts';
import { checkHealth } from './health.ts';
import { type OrderRefused, OrderRequest } from './order-contract.ts';
import { type DatabaseTarget, messageOf, openPool, type QueryAnswer, runQuery } from './query.ts';
import { createWriterPool, type WriterAddress, type WriterPool } from './writer-pool.ts';

export type AppOptions = {
  site: string;
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** This site's own database. */
  database: DatabaseTarget;
  /** Resolves the writer name. */
  writer(): Promise<WriterAddress>;
  /** For connecting, for a statement and for resolving: each of them, not all together. */
  timeoutSeconds: number;
  /** Writes one row that nothing guards, and answers it (see `causeway.probe`). Run as part of /healthz at the writer. */
  probeStatement: string;
};

export type App = { readonly url: string; readonly port: number; close(): Promise<void> };

const poolSize = 10;
/** read_only_sql_transaction: what the lease guard refuses with, and a physical standby too. */
const readOnlyState = '25006';

const placeSql = `INSERT INTO shop.orders (client, sequence, placed_by_site) VALUES ($1, $2, $3)
  ON CONFLICT (client, sequence) DO NOTHING RETURNING id`;
const findSql = 'SELECT id, placed_by_site FROM shop.orders WHERE client = $1 AND sequence = $2';
const serviceSql = `INSERT INTO shop.service_checks AS c (site, checks, checked_at) VALUES ($1, 1, clock_timestamp())
  ON CONFLICT (site) DO UPDATE SET checks = c.checks + 1, checked_at = clock_timestamp() RETURNING checks`;

/**
 * GET /healthz, GET /orders (a write and a read through the writer's database: what `verify_service` calls), POST /orders,
 * GET /orders/:client/:sequence. Rejects when the address cannot be listened on.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { user, password, database } = options.database;
  const own = openPool(options.database, poolSize, options.timeoutSeconds);
  const writer = createWriterPool({
    resolve: options.writer,
    credentials: { user, password, database },
    size: poolSize,
    timeoutSeconds: options.timeoutSeconds,
  });
  const server = await startHttp((request) => route(request, options, own, writer), options);
  return {
    url: server.url,
    port: server.port,
    close: async () => {
      await server.close();
      await Promise.all([own.end(), writer.close()]);
    },
  };
}

async function route(request: HttpRequest, options: AppOptions, own: pg.Pool, writer: WriterPool): Promise<HttpAnswer> {
  const [head, client, sequence, ...rest] = request.path.split('/').slice(1).map(decodeURIComponent);
  const bare = client === undefined;
  if (request.method === 'GET' && head === 'healthz' && bare) {
    const health = await checkHealth(options, own, writer);
    return jsonAnswer(health.healthy ? 200 : 503, health, { 'cache-control': 'no-store' });
  }
  if (request.method === 'POST' && head === 'orders' && bare) return placeOrder(request, options, writer);
  if (request.method === 'GET' && head === 'orders' && bare) return checkService(options, writer);
  if (request.method === 'GET' && head === 'orders' && sequence !== undefined && rest.length === 0) {
    return findOrder(options.site, own, client ?? '', sequence);
  }
  return jsonAnswer(404, { site: options.site, because: `nothing at ${request.method} ${request.path}` });
}

async function placeOrder(request: HttpRequest, options: AppOptions, writer: WriterPool): Promise<HttpAnswer> {
  const order = OrderRequest.safeParse(parseJson(request.body.toString('utf8')));
  if (!order.success) return jsonAnswer(400, { site: options.site, because: z.prettifyError(order.error) });
  const { client, sequence } = order.data;
  return atWriter(options.site, writer, async (pool, acceptedBy) => {
    const placed = await runQuery(pool, placeSql, [client, sequence, options.site]);
    if (placed.kind !== 'rows') return placed;
    if (placed.rows[0]) return jsonAnswer(201, { id: String(placed.rows[0].id), site: options.site, acceptedBy });
    const found = await runQuery(pool, findSql, [client, sequence]);
    if (found.kind !== 'rows') return { kind: 'unknown', because: found.because };
    if (found.rows[0]) return jsonAnswer(200, { id: String(found.rows[0].id), site: options.site, acceptedBy });
    return { kind: 'unknown', because: 'the order was there already, and then not to be found' };
  });
}

async function checkService(options: AppOptions, writer: WriterPool): Promise<HttpAnswer> {
  return atWriter(options.site, writer, async (pool, acceptedBy) => {
    const written = await runQuery(pool, serviceSql, [options.site]);
    if (written.kind !== 'rows') return written;
    return jsonAnswer(200, { site: options.site, acceptedBy, checks: String(written.rows[0]?.checks) });
  });
}

async function findOrder(site: string, own: pg.Pool, client: string, sequence: string): Promise<HttpAnswer> {
  if (!/^\d{1,18}$/.test(sequence)) return jsonAnswer(400, { site, because: `"${sequence}" is not a sequence number` });
  const found = await runQuery(own, findSql, [client, sequence]);
  if (found.kind !== 'rows') return jsonAnswer(503, { site, because: found.because });
  const row = found.rows[0];
  return row
    ? jsonAnswer(200, { site, id: String(row.id), placedBySite: row.placed_by_site })
    : jsonAnswer(404, { site, because: 'no such order here (yet)' });
}

/** Runs work at the writer's database and turns what goes wrong into a 503 that says whether it can have been written. */
async function atWriter(
  site: string,
  writer: WriterPool,
  work: (pool: pg.Pool, acceptedBy: string) => Promise<HttpAnswer | Exclude<QueryAnswer, { kind: 'rows' }>>,
): Promise<HttpAnswer> {
  let address: WriterAddress;
  try {
    address = await writer.address();
  } catch (error) {
    return refuse({ site, reason: 'no-writer', written: 'no', because: messageOf(error) });
  }
  const answer = await work(writer.at(address), `${address.host}:${address.port}`);
  if (!('kind' in answer)) return answer;
  const { because } = answer;
  if (answer.kind === 'unknown') return refuse({ site, reason: 'writer-lost', written: 'unknown', because });
  return refuse({ site, reason: reasonOf(answer.sqlState), written: 'no', because });
}

function reasonOf(sqlState: string | null): OrderRefused['reason'] {
  if (sqlState === null) return 'writer-unreachable';
  return sqlState === readOnlyState ? 'not-the-writer' : 'failed';
}

function refuse(refusal: OrderRefused): HttpAnswer {
  return jsonAnswer(503, refusal);
}

/** Undefined when it is no JSON; the schema then says what was expected. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
