// Wiring of a deployed function, the same in both clouds: one service around the adapters that its cloud's wiring opens.
import { type Config, loadStrategy } from '../config.ts';
import type { AlertmanagerSender } from '../events/alertmanager.ts';
import type { EventContext } from '../events/context.ts';
import type { Provider } from '../model/site.ts';
import type { Cloud } from '../ports/cloud.ts';
import { createJsonLog } from './log.ts';
import { createService, type Service } from './serve.ts';
import { surround } from './surround.ts';
import { systemClock } from './system.ts';
import { createWitnessKeys, type WitnessKeys } from './witness-keys.ts';

export type Wired = {
  service: Service;
  context: () => EventContext;
  /** The shared secret of the webhook and where its sender stands. Throws when this function is not configured to have one. */
  webhookSender: () => Promise<AlertmanagerSender>;
};

/** What the adapters are opened with. */
export type Opening = {
  /** Their way to the log. */
  say: (sentence: string) => void;
  /** Null: the witness takes the same credentials as AWS. */
  witnessCredentials: (() => Promise<WitnessKeys>) | null;
};

/** `open` makes the adapters of both clouds. Nothing is called yet. Throws on a strategy that is not valid. */
export function wireFunction(
  config: Config,
  write: (line: string) => void,
  open: (opening: Opening) => Record<Provider, Cloud>,
): Wired {
  const strategy = loadStrategy(config.strategyFile);
  const log = createJsonLog(write, systemClock, { site: config.site });
  const { witnessSecret } = config;
  const clouds = open({
    say: (sentence) => log('INFO', sentence),
    witnessCredentials: witnessSecret === null ? null : createWitnessKeys(witnessSecret, () => around.secrets),
  });
  const around = surround(config, strategy, clouds, log);
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
