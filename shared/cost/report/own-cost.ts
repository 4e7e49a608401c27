// What Causeway itself costs: exactly where its resources carry its environment, else at most what the services cost that it runs on.
import type { Provider } from '../../model/site.ts';
import type { Spent } from '../spent.ts';
import type { OwnCost } from './report-shape.ts';
import { sidesOf } from './sides.ts';

/** The environment that a strategy gives Causeway's own resources. */
const OWN_ENVIRONMENT = 'causeway';

/** What it runs on, by the names that the bills use. The application may use them too: buckets are left out, since it nearly always does. */
const OWN_SERVICES: Record<Provider, readonly string[]> = {
  aws: [
    'AWS Cost Explorer',
    'AWS Lambda',
    'AWS Secrets Manager',
    'Amazon Simple Notification Service',
    'Amazon Simple Queue Service',
    'CloudWatch Events',
  ],
  gcp: ['Cloud Functions', 'Cloud Pub/Sub', 'Cloud Run', 'Cloud Run Functions', 'Cloud Scheduler', 'Secret Manager'],
};

/** `named`: the environments that the strategy knows. */
export function ownCost(spent: readonly Spent[], known: ReadonlySet<Provider>, named: readonly string[]): OwnCost {
  const used = spent.filter(({ provider, service }) => service !== null && OWN_SERVICES[provider].includes(service));
  return {
    tagged: named.includes(OWN_ENVIRONMENT)
      ? sidesOf(
          spent.filter(({ environment }) => environment === OWN_ENVIRONMENT),
          known,
        )
      : null,
    atMost: sidesOf(used, known),
    services: [...new Set(used.flatMap(({ service }) => service ?? []))].sort(),
  };
}
