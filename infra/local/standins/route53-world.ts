// What the Route 53 stand-in knows: record sets, health checks and the changes under way.
import * as z from 'zod';
import type { Clock } from '../../../shared/ports/clock.ts';
import { Route53Set } from '../dns/image.ts';
import type { Faults, HttpRequest } from './http.ts';
import { StoredHealthCheck } from './route53-health.ts';
import { Route53Error } from './route53-wire.ts';

export type Route53StandinOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  zone: { id: string; apex: string };
  /** Control URLs of the name servers that answer for the zone. */
  nameServers: string[];
  /** Between an accepted change and the first try to push it. */
  propagationSeconds: number;
  /** Most items on a page; Route 53's own limits are 300 record sets and 100 health checks. */
  pageLimit: number;
  /** Where the state outlives the process; null keeps it in memory. */
  stateFile: string | null;
  clock: Clock;
  /** Ids of changes and health checks. */
  id: () => string;
  faults: Faults;
};

export const State = z.object({
  serial: z.int(),
  sets: z.array(Route53Set),
  checks: z.array(StoredHealthCheck),
  usedReferences: z.array(z.string()),
});
export type State = z.infer<typeof State>;

export type World = {
  options: Route53StandinOptions;
  state: State;
  protections: { name: string; type: string }[];
  /** Changes by id; true once every name server has them. */
  changes: Map<string, boolean>;
  save(): Promise<void>;
};

export function notSpoken(request: HttpRequest): Route53Error {
  return new Route53Error(501, 'NotImplemented', `${request.method} ${request.path} is not spoken here`);
}
