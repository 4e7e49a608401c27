// Wiring of a Lambda function: adapters of both clouds, around one engine. Made once per cold start; nothing is called yet.
import { openGoogle } from '../gcp/adapters/open-google.ts';
import { type Config, loadStrategy } from '../shared/config.ts';
import { createJsonLog } from '../shared/engine/log.ts';
import { createService, type Service } from '../shared/engine/serve.ts';
import { surround } from '../shared/engine/surround.ts';
import { systemClock } from '../shared/engine/system.ts';
import type { AlertmanagerSender } from '../shared/events/alertmanager.ts';
import type { EventContext } from '../shared/events/context.ts';
import { openAws } from './adapters/open-aws.ts';
import { readConfig } from './config.ts';

export type Wired = {
  service: Service;
  context: () => EventContext;
  /** The shared secret of the webhook and where its sender stands. Throws when this function is not configured to have one. */
  webhookSender: () => Promise<AlertmanagerSender>;
};

export function wire(config: Config = readConfig()): Wired {
  const strategy = loadStrategy(config.strategyFile);
  const log = createJsonLog((line) => process.stdout.write(`${line}\n`), systemClock, { site: config.site });
  const say = (sentence: string) => log('INFO', sentence);
  const aws = openAws({
    credentials: null,
    witnessCredentials: null,
    s3Endpoint: config.s3Endpoint,
    route53Endpoint: null,
    say,
    now: systemClock.now,
  });
  const around = surround(config, strategy, { aws, gcp: openGoogle({ ...config.google, say }) }, log);
  return {
    service: createService(around, config.keeperSeconds),
    context: () => ({ declarations: strategy.alarms, receivedAt: systemClock.now() }),
    webhookSender: async () => {
      const { webhookSecret, webhookGround } = config;
      if (webhookSecret === null || webhookGround === null) {
        throw new Error(
          "this function has no webhook: set CAUSEWAY_WEBHOOK_SECRET (a secret's name) and CAUSEWAY_WEBHOOK_GROUND (aws, gcp or elsewhere)",
        );
      }
      return { secret: await around.secrets.read(webhookSecret), ground: webhookGround };
    },
  };
}
