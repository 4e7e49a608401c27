// One look of one health checker at one endpoint, with the deadlines that Route 53 gives.
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import type { CheckTarget } from './image.ts';

/** `status` in the words of GetHealthCheckStatus. */
export type Look = { ok: boolean; status: string };

/** Four seconds to connect, two to answer, two for the body; here one deadline for all three. */
const DEADLINE_MS = 8000;
const TCP_DEADLINE_MS = 10_000;
/** Only that much of a body is searched. */
const SEARCHED_BYTES = 5120;

/** Never throws: what goes wrong in looking is what was seen. Certificates are not validated, redirects not followed. */
export function look(target: CheckTarget): Promise<Look> {
  return target.kind === 'tcp' ? lookTcp(target) : lookHttp(target);
}

function lookTcp({ host, port }: CheckTarget): Promise<Look> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: TCP_DEADLINE_MS });
    const end = (ok: boolean, status: string) => {
      socket.destroy();
      resolve({ ok, status });
    };
    socket.once('connect', () => end(true, 'Success: TCP connection established'));
    socket.once('timeout', () =>
      end(false, 'Failure: The health checker could not establish a connection within the timeout limit.'),
    );
    socket.once('error', (error) => end(false, `Failure: ${error.message}`));
  });
}

function lookHttp(target: CheckTarget): Promise<Look> {
  const options: RequestOptions = {
    host: target.host,
    port: target.port,
    path: target.path,
    agent: false,
    headers: {
      ...(target.hostHeader === null ? {} : { host: hostHeaderOf(target, target.hostHeader) }),
      'user-agent': 'Amazon-Route53-Health-Check-Service (stand-in)',
    },
    signal: AbortSignal.timeout(DEADLINE_MS),
  };
  return new Promise((resolve) => {
    const send =
      target.kind === 'https' ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
    send.once('error', (error) => resolve({ ok: false, status: `Failure: ${error.message}` }));
    send.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', (error) => resolve({ ok: false, status: `Failure: ${error.message}` }));
      response.once('end', () => {
        const body = Buffer.concat(chunks).subarray(0, SEARCHED_BYTES).toString('utf8');
        resolve(judge(target, response.statusCode ?? 0, response.statusMessage ?? '', body));
      });
    });
    send.end();
  });
}

function hostHeaderOf(target: CheckTarget, name: string): string {
  return target.port === (target.kind === 'https' ? 443 : 80) ? name : `${name}:${target.port}`;
}

function judge(target: CheckTarget, status: number, reason: string, body: string): Look {
  const said = `HTTP Status Code: ${status}, ${reason}`;
  if (status < 200 || status > 399) return { ok: false, status: `Failure: ${said}` };
  if (target.searchFor !== null && !body.includes(target.searchFor)) {
    return { ok: false, status: `Failure: ${said}. Search string not found` };
  }
  return { ok: true, status: `Success: ${said}` };
}
