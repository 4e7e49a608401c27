// What a process of either cloud is told by its environment. The schema takes the environment as an argument; only entry points read it.
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { Ground, SiteName } from './model/site.ts';
import type { Strategy } from './model/strategy.ts';
import { parseStrategy } from './strategy/parse.ts';

const endpoint = z
  .url()
  .optional()
  .transform((url) => url ?? null);
const text = z
  .string()
  .min(1)
  .optional()
  .transform((value) => value ?? null);

export const Config = z
  .object({
    CAUSEWAY_STRATEGY: z.string().min(1),
    CAUSEWAY_SITE: SiteName,
    CAUSEWAY_KEEPER_SECONDS: z.coerce.number().positive().default(130),
    CAUSEWAY_FUNCTION_TIMEOUT_SECONDS: z.coerce.number().positive().default(540),
    CAUSEWAY_DATABASE_TLS: z.enum(['verify', 'off']).default('verify'),
    CAUSEWAY_WITNESS_SECRET: text,
    CAUSEWAY_WEBHOOK_SECRET: text,
    CAUSEWAY_WEBHOOK_GROUND: Ground.optional(),
    CAUSEWAY_PAGERDUTY_URL: z.url().default('https://events.pagerduty.com/v2/enqueue'),
    CAUSEWAY_ENDPOINT_S3: endpoint,
    CAUSEWAY_ENDPOINT_STORAGE: endpoint,
    CAUSEWAY_ENDPOINT_DNS: endpoint,
    CAUSEWAY_ENDPOINT_SQL: endpoint,
    CAUSEWAY_ENDPOINT_CONTAINER: endpoint,
    CAUSEWAY_ENDPOINT_PUBSUB: endpoint,
    CAUSEWAY_ENDPOINT_SECRET_MANAGER: endpoint,
    CAUSEWAY_ENDPOINT_COST_EXPLORER: endpoint,
    CAUSEWAY_ENDPOINT_BIGQUERY: endpoint,
    CAUSEWAY_GOOGLE_ACCESS_TOKEN: text,
    GOOGLE_CLOUD_PROJECT: z.string().default(''),
  })
  .transform((env) => ({
    strategyFile: env.CAUSEWAY_STRATEGY,
    site: env.CAUSEWAY_SITE,
    keeperSeconds: env.CAUSEWAY_KEEPER_SECONDS,
    /** A Cloud Run function's own; Lambda tells it with each invocation. */
    functionTimeoutSeconds: env.CAUSEWAY_FUNCTION_TIMEOUT_SECONDS,
    databaseTls: env.CAUSEWAY_DATABASE_TLS,
    /** Names of secrets, never secrets. */
    witnessSecret: env.CAUSEWAY_WITNESS_SECRET,
    webhookSecret: env.CAUSEWAY_WEBHOOK_SECRET,
    /** Where the Alertmanager stands that calls the webhook: nothing in its message tells. */
    webhookGround: env.CAUSEWAY_WEBHOOK_GROUND ?? null,
    pagerdutyUrl: env.CAUSEWAY_PAGERDUTY_URL,
    s3Endpoint: env.CAUSEWAY_ENDPOINT_S3,
    costExplorerEndpoint: env.CAUSEWAY_ENDPOINT_COST_EXPLORER,
    bigQueryEndpoint: env.CAUSEWAY_ENDPOINT_BIGQUERY,
    google: {
      project: env.GOOGLE_CLOUD_PROJECT,
      accessToken: env.CAUSEWAY_GOOGLE_ACCESS_TOKEN,
      endpoints: {
        storage: env.CAUSEWAY_ENDPOINT_STORAGE,
        dns: env.CAUSEWAY_ENDPOINT_DNS,
        sql: env.CAUSEWAY_ENDPOINT_SQL,
        container: env.CAUSEWAY_ENDPOINT_CONTAINER,
        pubsub: env.CAUSEWAY_ENDPOINT_PUBSUB,
        secretManager: env.CAUSEWAY_ENDPOINT_SECRET_MANAGER,
      },
    },
  }));
export type Config = z.infer<typeof Config>;

/** Throws an error that names every variable that is missing or wrong. */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const parsed = Config.safeParse(env);
  if (parsed.success) return parsed.data;
  throw new Error(`the environment of this process is not complete:\n${z.prettifyError(parsed.error)}`, {
    cause: parsed.error,
  });
}

/** Reads and parses the strategy; throws an error with every place that is wrong. */
export function loadStrategy(file: string): Strategy {
  const parsed = parseStrategy(readFileSync(file, 'utf8'), file);
  if (parsed.kind === 'valid') return parsed.strategy;
  const places = parsed.issues.map((one) => `${one.file}:${one.line}:${one.column} ${one.message}`);
  throw new Error(`the strategy is not valid; \`causeway validate ${file}\` explains:\n${places.join('\n')}`);
}
