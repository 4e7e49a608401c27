// The cluster's own certificate authority is what its address is checked by. Needs the openssl program to make certificates.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKubernetes } from '../../../shared/kubernetes/kubernetes-api.ts';
import { CapacityUnavailable } from '../../../shared/ports/capacity.ts';

const canMake = hasOpenssl();
if (!canMake) console.log('skipped: certificates of a cluster need the openssl program');

describe.skipIf(!canMake)('the Kubernetes client over TLS', () => {
  let certificate: Buffer;
  let server: Server;
  let address: string;
  const seen: (string | undefined)[] = [];

  beforeAll(async () => {
    const made = makeCertificate();
    certificate = made.cert;
    server = createServer(made, (request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ kind: 'Deployment', spec: { replicas: 3 }, status: { readyReplicas: 2 } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = server.address();
    address = `https://127.0.0.1:${typeof at === 'object' && at ? at.port : 0}`;
  });
  afterAll(() => {
    server?.closeAllConnections();
    server?.close();
  });

  const open = (certificateAuthority: string | null) =>
    openKubernetes({ server: address, certificateAuthority, token: async () => 'token' }, 5);

  it('trusts the authority that the cloud named', async () => {
    const api = await open(certificate.toString('base64'));
    expect(await api.deployment('shop', 'web')).toMatchObject({ replicas: 3, readyReplicas: 2 });
    expect(seen).toEqual(['Bearer token']);
  });

  it('sends nothing to a server that this authority has not signed', async () => {
    const before = seen.length;
    const others = makeCertificate().cert.toString('base64');
    for (const authority of [null, others]) {
      const asked = (await open(authority)).deployment('shop', 'web');
      await expect(asked).rejects.toThrow(/self.signed certificate/);
      await expect(asked).rejects.toBeInstanceOf(CapacityUnavailable);
    }
    expect(seen).toHaveLength(before);
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    // Not there: nothing to make certificates with.
    return false;
  }
}

function makeCertificate(): { cert: Buffer; key: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const name = ['-subj', '/CN=cluster', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...name, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const made = { cert: readFileSync(cert), key: readFileSync(key) };
  rmSync(folder, { recursive: true });
  return made;
}
