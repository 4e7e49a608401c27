// The plan of a local world: which address and port everything has. Each world has a loopback network of its own (127.<net>.x.y), so that
// several can run side by side, and each pair of regions has wires of its own, so that any of them can be cut.
import * as z from 'zod';

export const Region = z.enum(['aws', 'gcp', 'witness']);
export type Region = z.infer<typeof Region>;

const number: Record<Region, number> = { aws: 1, gcp: 2, witness: 3 };

/** Every service has the same port in every region that has it. */
export const ports = {
  app: 8080,
  postgres: 15432,
  store: 9000,
  dnsApi: 9001,
  databaseApi: 9002,
  clusterApi: 9003,
  kubernetes: 9004,
  topics: 9005,
  secrets: 9006,
  slack: 9007,
  pagerduty: 9008,
  operator: 9010,
  queues: 9011,
  route53: 10053,
  route53Control: 10054,
  cloudDns: 10055,
  cloudDnsControl: 10056,
} as const;

export const WorldPlan = z.object({
  net: z.int().min(1).max(254),
  /** Everything that the world writes is below it. */
  dir: z.string(),
  /** Function bundles by name, and the program of a Lambda environment. */
  bundles: z.record(z.string(), z.string()),
  lambdaProgram: z.string(),
  /** Both sites' PostgreSQL: another home than npm's, and settings beside the usual ones. */
  postgres: z.object({ home: z.string().optional(), settings: z.record(z.string(), z.string()) }),
  /** What schedules do: at most this late, and this share of ticks never comes. */
  schedule: z.object({ everySeconds: z.number(), jitterSeconds: z.number(), skipFraction: z.number() }),
  /** Waits of retries and alarms are multiplied by it. 1 is as the clouds do it. */
  timeFactor: z.number().positive(),
  /** How events of the replicated buckets travel, and how often the tick comes; null: nobody listens to them. */
  objects: z
    .object({
      lossFraction: z.number().min(0).max(1),
      doubleFraction: z.number().min(0).max(1),
      delaySeconds: z.number().nonnegative(),
      tickSeconds: z.number().positive(),
    })
    .nullable(),
  /** How long new nodes and pods take. */
  nodeStartSeconds: z.number().nonnegative(),
  podStartSeconds: z.number().nonnegative(),
});
export type WorldPlan = z.infer<typeof WorldPlan>;

/** The pair of the example strategy, as this world has it. */
export const objectPair = { name: 'assets', aws: 'gopro-assets', gcp: 'gopro-assets-gcp' } as const;
/** Where the names of AWS's queues begin; Google's are those of the example. */
export const queueBase = { account: '123456789012', name: 'gopro-objects' } as const;

/** The address of a region's cloud APIs (or of the witness's services). */
export function apiHost(net: number, region: Region): string {
  return `127.${net}.${number[region]}.1`;
}

/** The address that DNS answers with for a site: its application and its database listen there. */
export function siteHost(net: number, region: Region): string {
  return `127.${net}.${number[region]}.10`;
}

/** The two ends above, as another region sees them: through a wire. A region sees its own directly. */
export function seenFrom(net: number, from: Region, to: Region, end: 'api' | 'site'): string {
  if (from === to) return end === 'api' ? apiHost(net, to) : siteHost(net, to);
  return `127.${net}.${number[from]}${number[to]}.${end === 'api' ? 1 : 10}`;
}

/** Values of the local secret stores and roles: public, as everything here is. */
export const secrets = {
  keeperPassword: 'local-keeper',
  ownerPassword: 'local-owner',
  appPassword: 'local-app',
  pagerdutyKey: 'R0LOCALLOCALLOCALLOCALLOCALLOCAL',
  slackPath: '/services/T0LOCAL/B0LOCAL/local',
  accessKeyId: 'AKIALOCALLOCALLOCAL0',
  secretAccessKey: 'local/secret/access/key/of/nobody0000000',
  googleToken: 'ya29.local',
} as const;
