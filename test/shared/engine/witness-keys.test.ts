// The witness's keys: taken from the site's secret store, when they are first needed, and used for the witness alone.
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAws } from '../../../aws/adapters/open-aws.ts';
import { openGoogle } from '../../../gcp/adapters/open-google.ts';
import { type HttpServer, headerOf } from '../../../infra/local/standins/http.ts';
import { startS3Standin } from '../../../infra/local/standins/s3.ts';
import { startSecretsManagerStandin } from '../../../infra/local/standins/secrets-manager.ts';
import { parseConfig } from '../../../shared/config.ts';
import { systemClock } from '../../../shared/engine/system.ts';
import { wireFunction } from '../../../shared/engine/wire-function.ts';
import type { Cloud } from '../../../shared/ports/cloud.ts';

const strategyFile = fileURLToPath(new URL('../../../infra/local/strategy.yaml', import.meta.url));
const secrets: Record<string, string> = {};
const here = { host: '127.0.0.1', port: 0 };
const standard = { condition: { kind: 'none' }, contentType: 'text/plain', cacheControl: null } as const;
/** Whose key signed each request, by the server that it reached. */
const signed: { witness: (string | undefined)[]; aws: (string | undefined)[] } = { witness: [], aws: [] };
let servers: HttpServer[] = [];
let urls: { witness: string; aws: string };
let secretReads = 0;

beforeAll(async () => {
  const store = (name: 'witness' | 'aws') =>
    startS3Standin({
      ...here,
      buckets: [{ name: 'bucket' }],
      faults: (request) => {
        signed[name].push(/Credential=([^/]+)/.exec(headerOf(request, 'authorization') ?? '')?.[1]);
        return null;
      },
    });
  const manager = await startSecretsManagerStandin({
    ...here,
    secrets,
    faults: () => {
      secretReads += 1;
      return null;
    },
  });
  const [witness, aws] = [await store('witness'), await store('aws')];
  servers = [manager, witness, aws];
  urls = { witness: witness.url, aws: aws.url };
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', manager.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all(servers.map((server) => server.close()));
});
beforeEach(() => {
  signed.witness = [];
  signed.aws = [];
  secretReads = 0;
});

/** AWS's adapters as a function's wiring opens them, and the two stores as the strategy would declare them. */
function wired(secret: string | null) {
  const opened: Cloud[] = [];
  const env = { CAUSEWAY_STRATEGY: strategyFile, CAUSEWAY_SITE: 'aws' };
  wireFunction(
    parseConfig(secret === null ? env : { ...env, CAUSEWAY_WITNESS_SECRET: secret }),
    () => undefined,
    ({ say, witnessCredentials }) => {
      const credentials = { accessKeyId: 'AKIDAWS', secretAccessKey: 'aws' };
      const access = { credentials, witnessCredentials, s3Endpoint: urls.aws, route53Endpoint: null, say };
      const aws = openAws({ ...access, now: systemClock.now });
      opened.push(aws);
      return { aws, gcp: openGoogle({ ...parseConfig(env).google, say, now: systemClock.now }) };
    },
  );
  const [cloud] = opened;
  if (!cloud) throw new Error('nothing was opened');
  const declared = { api: 's3', bucket: 'bucket', region: 'us-east-1' } as const;
  return {
    witness: cloud.store({ ...declared, name: 'witness', endpoint: urls.witness, failureDomain: 'other', site: null }),
    beside: cloud.store({ ...declared, name: 's3', endpoint: null, failureDomain: 'aws', site: 'aws' }),
  };
}

describe('the keys of the witness', () => {
  it('sign what goes to the witness, and nothing else; they are read once, and not before', async () => {
    secrets['witness-keys'] = JSON.stringify({ accessKeyId: 'AKIDWITNESS', secretAccessKey: 'hidden' });
    const { witness, beside } = wired('witness-keys');
    await beside.put('one', 'text', standard);
    expect(secretReads).toBe(0);
    await witness.put('one', 'text', standard);
    expect((await witness.get('one'))?.body).toBe('text');
    expect(signed).toEqual({ witness: ['AKIDWITNESS', 'AKIDWITNESS'], aws: ['AKIDAWS'] });
    expect(secretReads).toBe(1);
  });

  it('are those of AWS when no secret is named', async () => {
    await wired(null).witness.put('two', 'text', standard);
    expect(signed.witness).toEqual(['AKIDAWS']);
    expect(secretReads).toBe(0);
  });

  it('that cannot be read leave the witness unknown, and are asked for again', async () => {
    delete secrets['late-keys'];
    const { witness } = wired('late-keys');
    await expect(witness.get('one')).rejects.toMatchObject({
      name: 'StoreUnavailable',
      message: expect.stringContaining('the secret "late-keys" could not be read from Secrets Manager'),
    });
    secrets['late-keys'] = JSON.stringify({ accessKeyId: 'AKIDLATE', secretAccessKey: 'hidden' });
    expect((await witness.get('one'))?.body).toBe('text');
    expect(signed.witness).toEqual(['AKIDLATE']);
  });

  it.each(['hidden-key-alone', '{"accessKeyId": "hidden-id"}'])('of another shape are refused: %s', async (secret) => {
    secrets['bad-keys'] = secret;
    const failed = await wired('bad-keys')
      .witness.get('one')
      .catch((error: Error) => error.message);
    expect(failed).toContain('the secret "bad-keys" does not hold the witness\'s keys: it must be JSON');
    expect(failed).not.toContain('hidden');
  });
});
