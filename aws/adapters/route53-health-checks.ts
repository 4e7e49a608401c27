// Route 53 health checks that watch beacons: inverted, fast, and the only switch that works without the control plane.
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import {
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  GetHealthCheckStatusCommand,
  type HealthCheck,
  type HealthCheckConfig,
  ListHealthChecksCommand,
  type Route53Client,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53';
import {
  type BeaconCheck,
  type BeaconChecks,
  type BeaconSight,
  TrafficUnavailable,
} from '../../shared/ports/traffic.ts';
import { AwsRefused, AwsUnknown, callAws } from './aws-call.ts';

/** The fastest that Route 53 offers: 10 s, and one look is enough. */
const INTERVAL_SECONDS = 10;
const FAILURE_THRESHOLD = 1;
/** A check is healthy, before inversion, when more than this share of its checkers says so. */
const HEALTHY_SHARE = 0.18;
/** Below this many checkers nothing is said about a check; Route 53 looks from many more. */
const FEWEST_CHECKERS = 3;
/** Caller references of deleted checks are never given out again, so the next number is taken. */
const GENERATIONS = 10;

/**
 * Ids are found by caller reference, so that any number of calls makes one check. Type and interval cannot be changed after
 * creation: a check that differs in them is left to its owner and a new one is made. Throws `TrafficUnavailable` when the answer is not known,
 * and a plain error when Route 53 refuses for good.
 */
export function createRoute53HealthChecks(
  client: Route53Client,
  options: { timeoutSeconds?: number } = {},
): BeaconChecks {
  const timeoutSeconds = options.timeoutSeconds ?? 5;
  return {
    ensure: async (checks) => {
      const existing = await listAll(client, timeoutSeconds);
      const ids: Record<string, string> = {};
      for (const check of checks) ids[check.away] = await ensureOne(client, timeoutSeconds, existing, check);
      return ids;
    },
    observe: (id) => observe(client, timeoutSeconds, id),
  };
}

async function listAll(client: Route53Client, timeoutSeconds: number): Promise<HealthCheck[]> {
  const found: HealthCheck[] = [];
  let marker: string | undefined;
  do {
    const page = await ask('list health checks', timeoutSeconds, (signal) =>
      client.send(new ListHealthChecksCommand({ Marker: marker }), signal),
    );
    found.push(...(page.HealthChecks ?? []));
    marker = page.IsTruncated ? page.NextMarker : undefined;
  } while (marker !== undefined);
  return found;
}

/** At most 64 characters, whatever the application is called; the readable names are in the tags. */
function referenceOf(check: BeaconCheck, generation: number): string {
  const digest = createHash('sha256').update(`${check.application}/${check.away}`).digest('hex').slice(0, 24);
  return `causeway-beacon-${digest}-${generation}`;
}

async function ensureOne(
  client: Route53Client,
  timeoutSeconds: number,
  existing: HealthCheck[],
  check: BeaconCheck,
): Promise<string> {
  const wanted = configOf(check);
  const references = Array.from({ length: GENERATIONS }, (_, index) => referenceOf(check, index + 1));
  const own = existing.filter((candidate) => references.includes(candidate.CallerReference ?? ''));
  const fitting = own.find((candidate) => isSameKind(candidate.HealthCheckConfig, wanted));
  const made = fitting ?? (await create(client, timeoutSeconds, references, check, wanted));
  // Each time, because a check whose tags were lost on the way is there to be found again.
  await tag(client, timeoutSeconds, made, check);
  if (isDifferent(made.HealthCheckConfig, wanted)) await update(client, timeoutSeconds, made, wanted);
  return made.Id ?? '';
}

function configOf({ url, searchFor }: BeaconCheck): HealthCheckConfig {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw new Error(`a beacon's address must be http or https for a health check to watch it, and ${url} is neither`);
  }
  const isSecure = protocol === 'https:';
  return {
    Type: isSecure ? 'HTTPS_STR_MATCH' : 'HTTP_STR_MATCH',
    RequestInterval: INTERVAL_SECONDS,
    FailureThreshold: FAILURE_THRESHOLD,
    Inverted: true,
    SearchString: searchFor,
    ...(isIP(hostname) === 4 ? { IPAddress: hostname } : { FullyQualifiedDomainName: hostname }),
    Port: Number(port || (isSecure ? 443 : 80)),
    ResourcePath: `${pathname}${search}`,
  };
}

/** What cannot be changed after creation, and whether the endpoint is named or numbered. */
function isSameKind(actual: HealthCheckConfig | undefined, wanted: HealthCheckConfig): boolean {
  return (
    actual !== undefined &&
    actual.Type === wanted.Type &&
    actual.RequestInterval === wanted.RequestInterval &&
    (actual.IPAddress === undefined) === (wanted.IPAddress === undefined)
  );
}

const CHANGEABLE = [
  'FailureThreshold',
  'Inverted',
  'SearchString',
  'IPAddress',
  'FullyQualifiedDomainName',
  'Port',
  'ResourcePath',
] as const;

function isDifferent(actual: HealthCheckConfig | undefined, wanted: HealthCheckConfig): boolean {
  return actual?.Disabled === true || CHANGEABLE.some((field) => actual?.[field] !== wanted[field]);
}

async function create(
  client: Route53Client,
  timeoutSeconds: number,
  references: string[],
  check: BeaconCheck,
  config: HealthCheckConfig,
): Promise<HealthCheck> {
  for (const reference of references) {
    const made = await tryCreate(client, timeoutSeconds, reference, config);
    if (made !== 'used') return made;
  }
  throw new Error(
    `${references.length} health checks for the beacon of "${check.away}" have been made and deleted or spoilt before; delete those tagged causeway-away=${check.away} and rename the application`,
  );
}

async function tryCreate(
  client: Route53Client,
  timeoutSeconds: number,
  reference: string,
  config: HealthCheckConfig,
): Promise<HealthCheck | 'used'> {
  try {
    const answer = await ask(`create health check ${reference}`, timeoutSeconds, (signal) =>
      client.send(new CreateHealthCheckCommand({ CallerReference: reference, HealthCheckConfig: config }), signal),
    );
    if (!answer.HealthCheck) throw new TrafficUnavailable(`Route 53 made ${reference} and did not say what`);
    return answer.HealthCheck;
  } catch (error) {
    if (error instanceof AwsRefused && error.code === 'HealthCheckAlreadyExists') return 'used';
    throw error;
  }
}

async function tag(
  client: Route53Client,
  timeoutSeconds: number,
  made: HealthCheck,
  check: BeaconCheck,
): Promise<void> {
  const tags = {
    Name: `${check.application}: traffic leaves ${check.away}`,
    'causeway-application': check.application,
    'causeway-away': check.away,
  };
  await ask(`tag health check ${made.Id}`, timeoutSeconds, (signal) =>
    client.send(
      new ChangeTagsForResourceCommand({
        ResourceType: 'healthcheck',
        ResourceId: made.Id,
        AddTags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      }),
      signal,
    ),
  );
}

async function update(
  client: Route53Client,
  timeoutSeconds: number,
  actual: HealthCheck,
  { Type: _type, RequestInterval: _interval, ...changes }: HealthCheckConfig,
): Promise<void> {
  await ask(`update health check ${actual.Id}`, timeoutSeconds, (signal) =>
    client.send(
      new UpdateHealthCheckCommand({
        HealthCheckId: actual.Id,
        // Somebody else's change between makes this one fail instead of undoing theirs.
        HealthCheckVersion: actual.HealthCheckVersion,
        Disabled: false,
        ...changes,
      }),
      signal,
    ),
  );
}

async function observe(client: Route53Client, timeoutSeconds: number, id: string): Promise<BeaconSight> {
  const answer = await ask(`read the status of health check ${id}`, timeoutSeconds, (signal) =>
    client.send(new GetHealthCheckStatusCommand({ HealthCheckId: id }), signal),
  );
  const reports = (answer.HealthCheckObservations ?? []).flatMap((one) => one.StatusReport?.Status ?? []);
  const seen = reports.filter((status) => status.startsWith('Success')).length;
  const because = `${seen} of ${reports.length} checkers found the signal`;
  if (reports.length < FEWEST_CHECKERS) return { state: 'unsettled', because };
  return { state: seen / reports.length > HEALTHY_SHARE ? 'lit' : 'dark', because };
}

async function ask<T>(
  what: string,
  timeoutSeconds: number,
  send: (signal: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    return await callAws(what, timeoutSeconds, send);
  } catch (cause) {
    if (cause instanceof AwsUnknown) throw new TrafficUnavailable(cause.message, { cause });
    throw cause;
  }
}
