// Health checkers: thresholds, shares and inversion under virtual time, and real looks over HTTP and TCP.
import { afterEach, describe, expect, it } from 'vitest';
import { type Checkers, createCheckers } from '../../../../infra/local/dns/checkers.ts';
import type { CheckTarget } from '../../../../infra/local/dns/image.ts';
import { look } from '../../../../infra/local/dns/look.ts';
import { type HttpServer, startHttp } from '../../../../infra/local/standins/http.ts';
import { createVirtualTime } from '../../../support/virtual-time.ts';

const target = (more: Partial<CheckTarget> = {}): CheckTarget => ({
  id: 'check',
  kind: 'http',
  host: '127.0.0.1',
  port: 80,
  path: '/beacon',
  hostHeader: null,
  searchFor: null,
  intervalSeconds: 10,
  failureThreshold: 1,
  inverted: false,
  disabled: false,
  ...more,
});

describe('checkers', () => {
  let checkers: Checkers | null = null;
  afterEach(() => checkers?.close());

  function start(more: Partial<CheckTarget>, sees: (looks: number) => boolean) {
    const time = createVirtualTime();
    let looks = 0;
    checkers = createCheckers({
      checkersPerCheck: 3,
      clock: time.clock,
      look: async () => {
        looks += 1;
        const ok = sees(looks);
        return { ok, status: ok ? 'Success: HTTP Status Code: 200, OK' : 'Failure: HTTP Status Code: 404, Not Found' };
      },
    });
    checkers.follow([target(more)]);
    return { time, checkers, looks: () => looks };
  }

  it('count a new check as healthy, and a new inverted one as unhealthy, until they have looked', async () => {
    expect(start({}, () => false).checkers.isHealthy('check')).toBe(true);
    const inverted = start({ inverted: true }, () => false);
    expect(inverted.checkers.isHealthy('check')).toBe(false);
    expect(inverted.checkers.observations('check')).toEqual([]);
    await inverted.time.runUntil(9);
    expect(inverted.checkers.isHealthy('check')).toBe(true);
    expect(inverted.checkers.observations('check')).toHaveLength(3);
  });

  it('look once in an interval each, spread over it', async () => {
    const { time, looks } = start({}, () => true);
    await time.runUntil(9.9);
    expect(looks()).toBe(3);
    await time.runUntil(29.9);
    expect(looks()).toBe(9);
  });

  it('wait for as many failures in a row as the threshold says, each for itself', async () => {
    const { time, checkers: running } = start({ failureThreshold: 3 }, () => false);
    await time.runUntil(26);
    expect(running.isHealthy('check')).toBe(true);
    await time.runUntil(29);
    expect(running.isHealthy('check')).toBe(false);
  });

  it('are overruled when more than 18 % of them see it well', async () => {
    const { time, checkers: running } = start({}, (looks) => looks % 3 === 0);
    await time.runUntil(9);
    expect(running.isHealthy('check')).toBe(true);
  });

  it('say healthy of a check that is disabled or that nobody knows', async () => {
    const { time, checkers: running } = start({ disabled: true }, () => false);
    await time.runUntil(20);
    expect(running.isHealthy('check')).toBe(true);
    expect(running.isHealthy('unknown')).toBe(true);
  });

  it('keep what they know of a check that was pushed again as it was, and forget a changed one', async () => {
    const { time, checkers: running } = start({ inverted: true }, () => false);
    await time.runUntil(9);
    running.follow([target({ inverted: true })]);
    expect(running.isHealthy('check')).toBe(true);
    running.follow([target({ inverted: true, path: '/other' })]);
    expect(running.isHealthy('check')).toBe(false);
    running.follow([]);
    expect(running.observations('check')).toEqual([]);
  });
});

describe('one look', () => {
  let server: HttpServer | null = null;
  afterEach(() => server?.close());

  async function serve(status: number, body: string): Promise<Partial<CheckTarget>> {
    server = await startHttp(async () => ({ status, body }), { host: '127.0.0.1', port: 0 });
    return { host: server.host, port: server.port };
  }

  it.each([
    [200, 'all is well', null, true],
    [302, '', null, true],
    [404, '', null, false],
    [503, '', null, false],
    [200, 'the signal is lit', 'lit', true],
    [200, 'the signal is dark', 'lit', false],
    [200, `${'.'.repeat(5120)}lit`, 'lit', false],
  ])('at an answer %i is judged by status and by the first 5,120 bytes', async (status, body, searchFor, ok) => {
    expect((await look(target({ ...(await serve(status, body)), searchFor }))).ok).toBe(ok);
  });

  it('fails at a closed port, and says why', async () => {
    const at = await serve(200, '');
    await server?.close();
    server = null;
    expect(await look(target(at))).toMatchObject({
      ok: false,
      status: expect.stringMatching(/^Failure: .*ECONNREFUSED/),
    });
    expect(await look(target({ ...at, kind: 'tcp' }))).toMatchObject({ ok: false });
  });

  it('needs no more than a connection for TCP', async () => {
    expect((await look(target({ ...(await serve(500, '')), kind: 'tcp' }))).ok).toBe(true);
  });
});
