// A stand-in for the control plane of Route 53: record sets, health checks and tags of its REST API, pushed to name servers.
import type { Route53Image } from '../dns/image.ts';
import { type HttpAnswer, type HttpRequest, type HttpServer, startHttp, withFaults } from './http.ts';
import { keepState } from './kept-state.ts';
import { element } from './query-wire.ts';
import { applyBatch } from './route53-changes.ts';
import { targetOf } from './route53-health.ts';
import { routeCheck, routeTags } from './route53-health-api.ts';
import { Route53Error, readChanges, readXml, route53Answer, route53Failure, writeSet } from './route53-wire.ts';
import { notSpoken, type Route53StandinOptions, State, type World } from './route53-world.ts';
import { createZonePush, type ZonePush } from './zone-push.ts';

export type Route53Standin = HttpServer & {
  /** Protects the record sets of a name and type from every change, until `unprotect`. */
  protect(name: string, type: string): void;
  unprotect(): void;
};

export async function startRoute53Standin(options: Route53StandinOptions): Promise<Route53Standin> {
  const kept = keepState(options.stateFile, State);
  const state = kept.read() ?? emptyState(options.zone.apex);
  const push = createZonePush({ ...options, retrySeconds: 0.25 });
  const world: World = {
    options,
    state,
    protections: [],
    changes: new Map(),
    save: () => {
      state.serial += 1;
      kept.write(state);
      return push.push(imageOf(options.zone.apex, state));
    },
  };
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    try {
      return await route(request, world);
    } catch (error) {
      if (error instanceof Route53Error) return route53Failure(error);
      throw error;
    }
  };
  const refuse = (status: number, code: string) => route53Failure(new Route53Error(status, code, 'Rate exceeded'));
  const server = await startHttp(withFaults(handle, options.faults, refuse), options);
  void push.push(imageOf(options.zone.apex, state));
  return { ...server, ...protectionsOf(world), close: () => closeBoth(push, server) };
}

async function closeBoth(push: ZonePush, server: HttpServer): Promise<void> {
  push.close();
  await server.close();
}

function protectionsOf(world: World): Pick<Route53Standin, 'protect' | 'unprotect'> {
  return {
    protect: (name, type) => world.protections.push({ name, type }),
    unprotect: () => world.protections.splice(0),
  };
}

function emptyState(apex: string): State {
  const servers = [`ns-1.awsdns-01.${apex}.`];
  const soa = `${servers[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`;
  return {
    serial: 1,
    sets: [
      { Name: apex, Type: 'NS', TTL: 172_800, ResourceRecords: servers.map((Value) => ({ Value })) },
      { Name: apex, Type: 'SOA', TTL: 900, ResourceRecords: [{ Value: soa }] },
    ],
    checks: [],
    usedReferences: [],
  };
}

function imageOf(apex: string, state: State): Route53Image {
  return {
    provider: 'route53',
    apex,
    serial: state.serial,
    sets: [...state.sets],
    checks: state.checks.map(targetOf),
  };
}

async function route(request: HttpRequest, world: World): Promise<HttpAnswer> {
  const [, version, kind, id, rest] = request.path.split('/').map(decodeURIComponent);
  if (version !== '2013-04-01') throw notSpoken(request);
  const call = `${request.method} ${kind}${rest === undefined ? '' : `/${rest}`}`;
  if (kind === 'hostedzone') return routeZone(call, id ?? '', request, world);
  if (kind === 'healthcheck') return routeCheck(call, id ?? '', request, world);
  if (kind === 'tags') return routeTags(request, rest, world);
  if (call === 'GET change') return getChange(id ?? '', world);
  throw notSpoken(request);
}

function routeZone(call: string, id: string, request: HttpRequest, world: World): HttpAnswer {
  if (id !== world.options.zone.id) {
    throw new Route53Error(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${id}`);
  }
  if (call === 'GET hostedzone') return getZone(world);
  if (call === 'GET hostedzone/rrset') return listSets(request, world);
  if (call === 'POST hostedzone/rrset') return changeSets(request, world);
  if (call === 'GET hostedzone/rrsetprotection') return listProtections(world);
  throw notSpoken(request);
}

function getZone({ options, state }: World): HttpAnswer {
  const servers = state.sets.find((set) => set.Type === 'NS')?.ResourceRecords ?? [];
  return route53Answer(200, 'GetHostedZoneResponse', [
    element('HostedZone', [
      element('Id', `/hostedzone/${options.zone.id}`),
      element('Name', `${options.zone.apex}.`),
      element('CallerReference', 'standin'),
      element('ResourceRecordSetCount', state.sets.length),
    ]),
    element('DelegationSet', [
      element(
        'NameServers',
        servers.map(({ Value }) => element('NameServer', Value)),
      ),
    ]),
  ]);
}

/** Sorted as the service does: by the labels reversed with their dots, `com.example.app.`, then by type and identifier. */
function orderOf(set: { Name: string; Type: string; SetIdentifier?: string | undefined }): string {
  const reversed = `${set.Name.split('.').toReversed().join('.')}.`;
  return [reversed, set.Type, set.SetIdentifier ?? ''].join('\u0000');
}

function listSets(request: HttpRequest, { options, state }: World): HttpAnswer {
  const { query } = request;
  const name = query.get('name');
  if (query.get('type') !== null && name === null) {
    throw new Route53Error(400, 'InvalidInput', 'The input is not valid: a type without a name');
  }
  const start = {
    Name: plain(name ?? ''),
    Type: query.get('type') ?? '',
    SetIdentifier: query.get('identifier') ?? '',
  };
  const from = orderOf(start);
  const sets = state.sets
    .filter((set) => name === null || orderOf(set) >= from)
    .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const limit = Math.min(Number(query.get('maxitems') ?? 300), options.pageLimit);
  const next = sets[limit];
  return route53Answer(200, 'ListResourceRecordSetsResponse', [
    element('ResourceRecordSets', sets.slice(0, limit).map(writeSet)),
    element('IsTruncated', next !== undefined),
    element('MaxItems', limit),
    ...(next ? [element('NextRecordName', `${next.Name}.`), element('NextRecordType', next.Type)] : []),
    ...(next?.SetIdentifier === undefined ? [] : [element('NextRecordIdentifier', next.SetIdentifier)]),
  ]);
}

function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function changeSets(request: HttpRequest, world: World): HttpAnswer {
  const { options, state } = world;
  const { changes, comment } = readChanges(readXml(request.body, 'ChangeResourceRecordSetsRequest'));
  const answer = applyBatch(state.sets, changes, {
    apex: options.zone.apex,
    zoneId: options.zone.id,
    hasHealthCheck: (id) => state.checks.some((check) => check.id === id),
    isProtected: (name, type) => world.protections.some((one) => one.name === name && one.type === type),
  });
  if (answer.kind === 'refused') {
    const status = answer.code === 'NoSuchHealthCheck' ? 404 : 400;
    throw new Route53Error(status, answer.code, `[${answer.messages.join(', ')}]`);
  }
  state.sets = answer.sets;
  const id = `C${options.id()}`;
  world.changes.set(id, false);
  void world.save().then(() => world.changes.set(id, true));
  return route53Answer(200, 'ChangeResourceRecordSetsResponse', [changeInfo(id, world, comment)]);
}

function changeInfo(id: string, { options, changes }: World, comment: string | null): string {
  return element('ChangeInfo', [
    element('Id', `/change/${id}`),
    element('Status', changes.get(id) ? 'INSYNC' : 'PENDING'),
    element('SubmittedAt', options.clock.now().toISOString()),
    ...(comment === null ? [] : [element('Comment', comment)]),
  ]);
}

function getChange(id: string, world: World): HttpAnswer {
  if (!world.changes.has(id)) throw new Route53Error(404, 'NoSuchChange', `A change with ID ${id} does not exist.`);
  return route53Answer(200, 'GetChangeResponse', [changeInfo(id, world, null)]);
}

function listProtections({ protections }: World): HttpAnswer {
  const items = protections.map(({ name, type }) =>
    element('ResourceRecordSetProtection', [element('RecordName', `${name}.`), element('RecordType', type)]),
  );
  return route53Answer(200, 'ListResourceRecordSetProtectionsResponse', [
    element('ResourceRecordSetProtections', items),
  ]);
}
