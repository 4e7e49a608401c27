// What a failed call to a Google client says, over gRPC as over REST, and the deadline that the clients do not keep.
import { describe, expect, it } from 'vitest';
import { callGoogle, GoogleCallFailed, once } from '../../../gcp/adapters/google-call.ts';

async function failureOf(reason: unknown): Promise<GoogleCallFailed> {
  const error: unknown = await callGoogle('get it', 5, () => Promise.reject(reason)).catch((caught: unknown) => caught);
  if (!(error instanceof GoogleCallFailed)) throw new Error(`not a GoogleCallFailed: ${String(error)}`);
  return error;
}

const rest = (code: number, body: string) => Object.assign(new Error(body), { code });

describe('a failed call to Google', () => {
  it.each([
    ['gRPC', Object.assign(new Error('9 FAILED_PRECONDITION: busy'), { code: 9 }), 'FAILED_PRECONDITION', false],
    ['gRPC', Object.assign(new Error('5 NOT_FOUND: no such pool'), { code: 5 }), 'NOT_FOUND', true],
    [
      'REST',
      rest(400, '{"error":{"code":400,"message":"busy","status":"FAILED_PRECONDITION"}}'),
      'FAILED_PRECONDITION',
      false,
    ],
    ['REST', rest(403, '{"error":{"code":403,"message":"no"}}'), 'PERMISSION_DENIED', true],
    ['REST', rest(409, '{"error":{"code":409,"message":"in progress"}}'), 'ABORTED', false],
    ['REST', rest(502, '<html>bad gateway</html>'), 'UNAVAILABLE', false],
    ['REST', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }), 'UNKNOWN', false],
  ])('over %s, %s is %s', async (_, reason, status, final) => {
    const failure = await failureOf(reason);
    expect([failure.status, failure.final]).toEqual([status, final]);
    expect(failure.message).toMatch(new RegExp(`^get it: ${status}: `));
    expect(failure.cause).toBe(reason);
  });

  it('is DEADLINE_EXCEEDED when no answer comes, which is not final', async () => {
    const failure: unknown = await callGoogle('get it', 0.02, () => new Promise(() => {})).catch(
      (caught: unknown) => caught,
    );
    expect(failure).toMatchObject({
      status: 'DEADLINE_EXCEEDED',
      final: false,
      message: 'get it: no answer within 0.02 s',
    });
  });
});

it('opens a client once, and again after it could not be opened', async () => {
  let tries = 0;
  const open = once(async () => {
    tries += 1;
    if (tries === 1) throw new Error('not yet');
    return tries;
  });
  await expect(open()).rejects.toThrow('not yet');
  expect([await open(), await open()]).toEqual([2, 2]);
});
