// The bearer token that an EKS cluster takes: a presigned STS request that names the cluster.
import type { EKSClient } from '@aws-sdk/client-eks';
import { SignatureV4 } from '@smithy/signature-v4';

/**
 * Presigns GetCallerIdentity at the client's region with the client's own credentials; nothing is sent. The cluster accepts the token
 * for 15 minutes. Source: the token format of aws-iam-authenticator (`k8s-aws-v1.` and base64url without padding).
 */
export async function signEksToken(client: EKSClient, clusterName: string, now: Date): Promise<string> {
  const region = await client.config.region();
  const signer = new SignatureV4({
    service: 'sts',
    region,
    credentials: client.config.credentials,
    sha256: client.config.sha256,
  });
  const hostname = `sts.${region}.amazonaws.com`;
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname,
      path: '/',
      query: { Action: 'GetCallerIdentity', Version: '2011-06-15' },
      headers: { host: hostname, 'x-k8s-aws-id': clusterName },
    },
    // Headers stay headers: the authenticator sends x-k8s-aws-id itself, with the cluster's own name.
    { expiresIn: 60, signingDate: now, unhoistableHeaders: new Set(['x-k8s-aws-id']) },
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(signed.query ?? {})) {
    if (typeof value === 'string') query.append(name, value);
  }
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${query}`).toString('base64url')}`;
}
