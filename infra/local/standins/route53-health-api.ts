// The health-check and tag calls of the Route 53 stand-in.
import * as z from 'zod';
import type { HttpAnswer, HttpRequest } from './http.ts';
import { element } from './query-wire.ts';
import {
  createCheck,
  readConfig,
  type StoredHealthCheck,
  updateCheck,
  writeCheck,
  writeTagSet,
} from './route53-health.ts';
import { Route53Error, readXml, route53Answer } from './route53-wire.ts';
import { notSpoken, type World } from './route53-world.ts';
import { child, childText } from './xml-tree.ts';

/** `call` is method and resource, `POST healthcheck`; an empty id means the collection. Throws Route53Error. */
export async function routeCheck(call: string, id: string, request: HttpRequest, world: World): Promise<HttpAnswer> {
  if (call === 'POST healthcheck' && id === '') return createHealthCheck(request, world);
  if (call === 'GET healthcheck' && id === '') return listHealthChecks(request, world);
  const check = checkOf(id, world);
  if (call === 'GET healthcheck') return route53Answer(200, 'GetHealthCheckResponse', [writeCheck(check)]);
  if (call === 'GET healthcheck/status') return getStatus(check, world);
  const { state } = world;
  const others = state.checks.filter((candidate) => candidate !== check);
  if (call === 'DELETE healthcheck') {
    state.checks = others;
    void world.save();
    return route53Answer(200, 'DeleteHealthCheckResponse', []);
  }
  if (call !== 'POST healthcheck') throw notSpoken(request);
  const updated = updateCheck(check, readXml(request.body, 'UpdateHealthCheckRequest'));
  state.checks = [...others, updated];
  void world.save();
  return route53Answer(200, 'UpdateHealthCheckResponse', [writeCheck(updated)]);
}

function checkOf(id: string, { state }: World): StoredHealthCheck {
  const found = state.checks.find((check) => check.id === id);
  if (!found) throw new Route53Error(404, 'NoSuchHealthCheck', `A health check with id ${id} does not exist.`);
  return found;
}

function createHealthCheck(request: HttpRequest, world: World): HttpAnswer {
  const { state, options } = world;
  const body = readXml(request.body, 'CreateHealthCheckRequest');
  const config = child(body, 'HealthCheckConfig');
  const callerReference = childText(body, 'CallerReference');
  if (!config || !callerReference) throw new Route53Error(400, 'InvalidInput', 'Invalid XML: Missing required field');
  const wanted = { id: options.id(), callerReference, config: readConfig(config) };
  const { check, isNew } = createCheck(state.checks, new Set(state.usedReferences), wanted);
  if (isNew) {
    state.checks.push(check);
    state.usedReferences.push(callerReference);
    void world.save();
  }
  const location = { location: `https://route53.amazonaws.com/2013-04-01/healthcheck/${check.id}` };
  return route53Answer(201, 'CreateHealthCheckResponse', [writeCheck(check)], location);
}

function listHealthChecks(request: HttpRequest, { state, options }: World): HttpAnswer {
  const checks = state.checks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const marker = request.query.get('marker');
  const from = checks.filter((check) => marker === null || check.id >= marker);
  const limit = Math.min(Number(request.query.get('maxitems') ?? 100), options.pageLimit);
  const next = from[limit];
  return route53Answer(200, 'ListHealthChecksResponse', [
    element('HealthChecks', from.slice(0, limit).map(writeCheck)),
    element('Marker', marker ?? ''),
    element('IsTruncated', next !== undefined),
    element('MaxItems', limit),
    ...(next ? [element('NextMarker', next.id)] : []),
  ]);
}

const Observations = z.array(
  z.object({ region: z.string(), address: z.string(), status: z.string(), checkedAt: z.string() }),
);

/** What the checkers beside the name servers have seen last; empty while none of them answers or has looked. */
async function getStatus(check: StoredHealthCheck, { options }: World): Promise<HttpAnswer> {
  const lists = await Promise.all(
    options.nameServers.map(async (url) => {
      const answer = await fetch(`${url}/checks/${check.id}`, { signal: AbortSignal.timeout(2000) });
      return Observations.parse(await answer.json());
    }),
  );
  const observations = lists
    .flat()
    .map((seen) =>
      element('HealthCheckObservation', [
        element('Region', seen.region),
        element('IPAddress', seen.address),
        element('StatusReport', [element('Status', seen.status), element('CheckedTime', seen.checkedAt)]),
      ]),
    );
  return route53Answer(200, 'GetHealthCheckStatusResponse', [element('HealthCheckObservations', observations)]);
}

/** Throws Route53Error. */
export function routeTags(request: HttpRequest, id: string | undefined, world: World): HttpAnswer {
  const type = request.path.split('/')[3];
  if (type !== 'healthcheck') throw new Route53Error(400, 'InvalidInput', `tags of ${type} are not kept here`);
  if (request.method === 'GET') {
    return route53Answer(200, 'ListTagsForResourceResponse', [writeTagSet(checkOf(id ?? '', world))]);
  }
  if (id === undefined) {
    const body = readXml(request.body, 'ListTagsForResourcesRequest');
    const ids = child(body, 'ResourceIds')?.children.map((one) => one.text) ?? [];
    if (ids.length > 10) throw new Route53Error(400, 'InvalidInput', 'at most 10 resources in one request');
    const sets = ids.map((one) => writeTagSet(checkOf(one, world)));
    return route53Answer(200, 'ListTagsForResourcesResponse', [element('ResourceTagSets', sets)]);
  }
  const check = checkOf(id, world);
  const body = readXml(request.body, 'ChangeTagsForResourceRequest');
  for (const tag of child(body, 'AddTags')?.children ?? []) {
    check.tags[childText(tag, 'Key') ?? ''] = childText(tag, 'Value') ?? '';
  }
  for (const key of child(body, 'RemoveTagKeys')?.children ?? []) delete check.tags[key.text];
  return route53Answer(200, 'ChangeTagsForResourceResponse', []);
}
