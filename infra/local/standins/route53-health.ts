// Health checks of the Route 53 stand-in: what is stored, what may be changed, and what a checker is told to look at.
import * as z from 'zod';
import { canonicalJson } from '../../../shared/model/canonical-json.ts';
import type { CheckTarget } from '../dns/image.ts';
import { element } from './query-wire.ts';
import { Route53Error } from './route53-wire.ts';
import type { XmlElement } from './xml-tree.ts';

export const StoredHealthCheck = z.object({
  id: z.string(),
  callerReference: z.string(),
  version: z.int(),
  /** Fields of HealthCheckConfig as their texts. */
  config: z.record(z.string(), z.string()),
  tags: z.record(z.string(), z.string()),
});
export type StoredHealthCheck = z.infer<typeof StoredHealthCheck>;

const TYPES = ['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP'];

const DEFAULTS = {
  RequestInterval: '30',
  FailureThreshold: '3',
  MeasureLatency: 'false',
  Inverted: 'false',
  Disabled: 'false',
};

/** The config as stored. Throws InvalidInput for what Route 53 would not take, and for types that the stand-in does not have. */
export function readConfig(config: XmlElement): Record<string, string> {
  const given = Object.fromEntries(config.children.map((field) => [field.name, field.text]));
  const full: Record<string, string> = { ...DEFAULTS, ...given };
  const problem = problemOf(full);
  if (problem !== null) throw new Route53Error(400, 'InvalidInput', problem);
  return full;
}

function problemOf(config: Record<string, string>): string | null {
  const { Type: type = '', RequestInterval: interval = '', FailureThreshold: threshold = '' } = config;
  if (!TYPES.includes(type)) return `Invalid health check type ${type}; known here: ${TYPES.join(', ')}`;
  if (!['10', '30'].includes(interval)) return 'Invalid parameter : Request interval must be 10 or 30 seconds';
  if (!/^([1-9]|10)$/.test(threshold)) return 'Invalid parameter : Failure threshold must be between 1 and 10';
  if (!config.IPAddress && !config.FullyQualifiedDomainName) {
    return 'Invalid parameter : IP address or fully qualified domain name must be specified';
  }
  const matches = type.endsWith('_STR_MATCH');
  if (matches !== Boolean(config.SearchString))
    return 'Invalid parameter : Search string goes with the STR_MATCH types';
  return type === 'TCP' && !config.Port ? 'Invalid parameter : TCP needs a port' : null;
}

/** Makes, or finds the one of the same caller reference. `used` holds those of deleted checks too, which are never given out again. */
export function createCheck(
  checks: StoredHealthCheck[],
  used: ReadonlySet<string>,
  wanted: { id: string; callerReference: string; config: Record<string, string> },
): { check: StoredHealthCheck; isNew: boolean } {
  const twin = checks.find((check) => check.callerReference === wanted.callerReference);
  if (twin && twin.version === 1 && canonicalJson(twin.config) === canonicalJson(wanted.config)) {
    return { check: twin, isNew: false };
  }
  if (used.has(wanted.callerReference)) {
    throw new Route53Error(
      409,
      'HealthCheckAlreadyExists',
      `CallerReference ${wanted.callerReference} was used before`,
    );
  }
  return { check: { ...wanted, version: 1, tags: {} }, isNew: true };
}

/** Throws HealthCheckVersionMismatch, and InvalidInput for what cannot be changed after creation. */
export function updateCheck(check: StoredHealthCheck, request: XmlElement): StoredHealthCheck {
  const given = Object.fromEntries(
    request.children.filter((field) => field.children.length === 0).map((field) => [field.name, field.text]),
  );
  const { HealthCheckVersion: version, ...changes } = given;
  if (version !== undefined && Number(version) !== check.version) {
    throw new Route53Error(409, 'HealthCheckVersionMismatch', `the version is ${check.version}, not ${version}`);
  }
  const fixed = ['Type', 'RequestInterval', 'MeasureLatency'].find((field) => field in changes);
  if (fixed !== undefined) throw new Route53Error(400, 'InvalidInput', `${fixed} cannot be changed`);
  const config = { ...check.config, ...changes };
  const problem = problemOf(config);
  if (problem !== null) throw new Route53Error(400, 'InvalidInput', problem);
  return { ...check, version: check.version + 1, config };
}

export function writeCheck(check: StoredHealthCheck): string {
  return element('HealthCheck', [
    element('Id', check.id),
    element('CallerReference', check.callerReference),
    element(
      'HealthCheckConfig',
      Object.entries(check.config).map(([name, text]) => element(name, text)),
    ),
    element('HealthCheckVersion', check.version),
  ]);
}

export function writeTagSet(check: StoredHealthCheck): string {
  const tags = Object.entries(check.tags).map(([key, value]) =>
    element('Tag', [element('Key', key), element('Value', value)]),
  );
  return element('ResourceTagSet', [
    element('ResourceType', 'healthcheck'),
    element('ResourceId', check.id),
    element('Tags', tags),
  ]);
}

export function targetOf({ id, config }: StoredHealthCheck): CheckTarget {
  const { Type: type = '', FullyQualifiedDomainName: name } = config;
  const kind = type === 'TCP' ? 'tcp' : type.startsWith('HTTPS') ? 'https' : 'http';
  return {
    id,
    kind,
    host: config.IPAddress ?? name ?? '',
    port: Number(config.Port ?? (kind === 'https' ? 443 : 80)),
    path: config.ResourcePath ?? '/',
    hostHeader: name ?? null,
    searchFor: config.SearchString ?? null,
    intervalSeconds: Number(config.RequestInterval),
    failureThreshold: Number(config.FailureThreshold),
    inverted: config.Inverted === 'true',
    disabled: config.Disabled === 'true',
  };
}
