// How a cluster checks an EKS bearer token: the presigned STS request in it, signature included.
import { createHash, createHmac } from 'node:crypto';

export type TokenCheck = { kind: 'accepted'; accessKeyId: string } | { kind: 'refused'; because: string };

/**
 * Checks a token `k8s-aws-v1.<base64url of a presigned GetCallerIdentity>` the way the cluster's authenticator and STS do together.
 * The signature is worked out here from the published algorithm (AWS Signature Version 4, query form), not by the SDK's signer.
 */
export function checkEksToken(
  token: string | null,
  expected: { clusterName: string; secretAccessKey: string; now: Date },
): TokenCheck {
  if (token === null) return refused('no bearer token was sent');
  const prefix = 'k8s-aws-v1.';
  if (!token.startsWith(prefix)) return refused(`the token does not begin with ${prefix}`);
  if (token.includes('=')) return refused('the token carries base64 padding');
  const url = new URL(Buffer.from(token.slice(prefix.length), 'base64url').toString());
  if (!/^sts\.[a-z0-9-]+\.amazonaws\.com$/.test(url.host))
    return refused(`the token asks ${url.host}, not a regional STS`);
  if (url.searchParams.get('Action') !== 'GetCallerIdentity')
    return refused('the token is not a GetCallerIdentity request');
  const signed = url.searchParams.get('X-Amz-SignedHeaders')?.split(';') ?? [];
  if (!signed.includes('x-k8s-aws-id')) return refused('the token is not bound to a cluster by x-k8s-aws-id');
  if (expired(url, expected.now)) return refused('the token is older than 15 minutes, or from the future');
  if (url.searchParams.get('X-Amz-Signature') !== signatureOf(url, signed, expected)) {
    return refused(`the signature is not that of cluster "${expected.clusterName}" and the known key`);
  }
  return { kind: 'accepted', accessKeyId: url.searchParams.get('X-Amz-Credential')?.split('/')[0] ?? '' };
}

function refused(because: string): TokenCheck {
  return { kind: 'refused', because };
}

function expired(url: URL, now: Date): boolean {
  const stamp = url.searchParams.get('X-Amz-Date') ?? '';
  const iso = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  const ageSeconds = (now.getTime() - Date.parse(iso)) / 1000;
  return !(ageSeconds > -300 && ageSeconds < 900);
}

function signatureOf(url: URL, signed: string[], expected: { clusterName: string; secretAccessKey: string }): string {
  const stamp = url.searchParams.get('X-Amz-Date') ?? '';
  const scope = (url.searchParams.get('X-Amz-Credential') ?? '').split('/').slice(1);
  const headers: Record<string, string> = { host: url.host, 'x-k8s-aws-id': expected.clusterName };
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .sort()
    .join('&');
  const canonical = [
    'GET',
    url.pathname,
    query,
    ...signed.map((name) => `${name}:${headers[name] ?? ''}`),
    '',
    signed.join(';'),
    createHash('sha256').update('').digest('hex'),
  ].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const key = scope.reduce<Buffer>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${expected.secretAccessKey}`),
  );
  return hmac(key, ['AWS4-HMAC-SHA256', stamp, scope.join('/'), digest].join('\n')).toString('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** RFC 3986, as the signature wants it. */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
