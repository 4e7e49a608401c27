// Wiring of the functions that replicate objects: adapters of both clouds, around the flow. Made once per cold start; nothing is called yet.
import { openAws } from '../aws/adapters/open-aws.ts';
import { systemClock } from '../shared/engine/system.ts';
import { type ObjectFlow, wireObjectFlow } from '../shared/engine/wire-objects.ts';
import { openGoogle, openGoogleMetrics } from './adapters/open-google.ts';
import { readConfig } from './config.ts';

export type WiredObjects = {
  objects: ObjectFlow;
  /** The function's own: nothing in a request tells it. */
  timeoutSeconds: number;
};

export function wireObjects(config = readConfig()): WiredObjects {
  const write = (line: string) => process.stdout.write(`${line}\n`);
  const google = { ...config.google, say: () => undefined, now: systemClock.now };
  const objects = wireObjectFlow(
    config,
    write,
    (say) => ({
      aws: openAws({
        credentials: null,
        witnessCredentials: null,
        s3Endpoint: config.s3Endpoint,
        route53Endpoint: null,
        say,
        now: systemClock.now,
      }),
      gcp: openGoogle({ ...google, say }),
    }),
    ({ region }) => openGoogleMetrics(google, { location: region, job: 'objects', id: config.site }),
  );
  return { objects, timeoutSeconds: config.functionTimeoutSeconds };
}
