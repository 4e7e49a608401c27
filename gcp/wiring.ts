// Wiring of a Cloud Run function: adapters of both clouds, around one engine. Made once per cold start; nothing is called yet.
import { openAws } from '../aws/adapters/open-aws.ts';
import type { Config } from '../shared/config.ts';
import { systemClock } from '../shared/engine/system.ts';
import { type Wired, wireFunction } from '../shared/engine/wire-function.ts';
import { openGoogle } from './adapters/open-google.ts';
import { readConfig } from './config.ts';

export function wire(config: Config = readConfig()): Wired {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  return wireFunction(config, write, ({ say, witnessCredentials }) => ({
    aws: openAws({
      credentials: null,
      witnessCredentials,
      s3Endpoint: config.s3Endpoint,
      route53Endpoint: null,
      say,
      now: systemClock.now,
    }),
    gcp: openGoogle({ ...config.google, say, now: systemClock.now }),
  }));
}
