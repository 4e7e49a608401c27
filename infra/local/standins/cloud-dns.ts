// A stand-in for the control plane of Cloud DNS: managed zones, record sets and changes of its REST API, pushed to name servers.
import * as z from 'zod';
import type { Clock } from '../../../shared/ports/clock.ts';
import { type CloudDnsImage, CloudDnsSet } from '../dns/image.ts';
import { applyChange } from './cloud-dns-changes.ts';
import {
  type Faults,
  type HttpAnswer,
  type HttpRequest,
  type HttpServer,
  jsonAnswer,
  startHttp,
  withFaults,
} from './http.ts';
import { keepState } from './kept-state.ts';
import { createZonePush } from './zone-push.ts';

export type CloudDnsStandinOptions = {
  host: string;
  /** 0 picks a free one. */
  port: number;
  /** `apex` without the final dot. */
  zone: { project: string; name: string; apex: string };
  /** Control URLs of the name servers that answer for the zone. */
  nameServers: string[];
  /** Between an accepted change and the first try to push it. */
  propagationSeconds: number;
  /** Most record sets on a page. */
  pageLimit: number;
  /** Where the state outlives the process; null keeps it in memory. */
  stateFile: string | null;
  clock: Clock;
  faults: Faults;
};

const State = z.object({ serial: z.int(), sets: z.array(CloudDnsSet), changes: z.int() });
type State = z.infer<typeof State>;

const ChangeRequest = z.object({
  additions: z.array(z.unknown()).default([]),
  deletions: z.array(z.unknown()).default([]),
});

type World = {
  options: CloudDnsStandinOptions;
  state: State;
  /** Changes of this process by id, with what the API shows of them. */
  changes: Map<
    string,
    { id: string; status: 'pending' | 'done'; startTime: string; additions: unknown; deletions: unknown }
  >;
  save(): Promise<void>;
};

class CloudDnsError extends Error {
  override readonly name = 'CloudDnsError';
  readonly status: number;
  readonly reason: string;
  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export async function startCloudDnsStandin(options: CloudDnsStandinOptions): Promise<HttpServer> {
  const kept = keepState(options.stateFile, State);
  const state = kept.read() ?? emptyState(options.zone.apex);
  const push = createZonePush({ ...options, retrySeconds: 0.25 });
  const image = (): CloudDnsImage => ({
    provider: 'clouddns',
    apex: options.zone.apex,
    serial: state.serial,
    sets: [...state.sets],
    checks: [],
  });
  const world: World = {
    options,
    state,
    changes: new Map(),
    save: () => {
      state.serial += 1;
      kept.write(state);
      return push.push(image());
    },
  };
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    try {
      return route(request, world);
    } catch (error) {
      if (error instanceof CloudDnsError) return failure(error);
      throw error;
    }
  };
  const refuse = (status: number, code: string) => failure(new CloudDnsError(status, code, `${code}, as asked for`));
  const server = await startHttp(withFaults(handle, options.faults, refuse), options);
  void push.push(image());
  return {
    ...server,
    close: async () => {
      push.close();
      await server.close();
    },
  };
}

function failure({ status, reason, message }: CloudDnsError): HttpAnswer {
  return jsonAnswer(status, { error: { code: status, message, errors: [{ message, domain: 'global', reason }] } });
}

function emptyState(apex: string): State {
  const server = 'ns-cloud-a1.googledomains.com.';
  const name = `${apex}.`;
  return {
    serial: 1,
    changes: 0,
    sets: [
      { name, type: 'NS', ttl: 21_600, rrdatas: [server] },
      {
        name,
        type: 'SOA',
        ttl: 21_600,
        rrdatas: [`${server} cloud-dns-hostmaster.google.com. 1 21600 3600 259200 300`],
      },
    ],
  };
}

function route(request: HttpRequest, world: World): HttpAnswer {
  const { project, name, apex } = world.options.zone;
  const zones = `/dns/v1/projects/${project}/managedZones/`;
  const [zone, collection, id] = request.path.startsWith(zones)
    ? request.path.slice(zones.length).split('/').map(decodeURIComponent)
    : [];
  if (zone !== name) {
    throw new CloudDnsError(404, 'notFound', `The 'parameters.managedZone' resource named '${zone}' does not exist.`);
  }
  const call = `${request.method} ${collection ?? ''}`;
  if (call === 'GET ')
    return jsonAnswer(200, { kind: 'dns#managedZone', name, dnsName: `${apex}.`, visibility: 'public' });
  if (call === 'GET rrsets') return listSets(request, world);
  if (call === 'POST changes') return createChange(request, world);
  if (call === 'GET changes' && id === undefined) {
    return jsonAnswer(200, { kind: 'dns#changesListResponse', changes: [...world.changes.values()].toReversed() });
  }
  if (call === 'GET changes') return getChange(id ?? '', world);
  throw new CloudDnsError(501, 'notImplemented', `${request.method} ${request.path} is not spoken here`);
}

function listSets(request: HttpRequest, { state, options }: World): HttpAnswer {
  const { query } = request;
  const matching = state.sets
    .filter((set) => query.get('name') === null || set.name === query.get('name'))
    .filter((set) => query.get('type') === null || set.type === query.get('type'))
    .toSorted((a, b) => (`${a.name} ${a.type}` < `${b.name} ${b.type}` ? -1 : 1));
  const start = Number(query.get('pageToken') ?? 0);
  const limit = Math.min(Number(query.get('maxResults') ?? options.pageLimit), options.pageLimit);
  const more = start + limit < matching.length ? { nextPageToken: String(start + limit) } : {};
  return jsonAnswer(200, {
    kind: 'dns#resourceRecordSetsListResponse',
    rrsets: matching.slice(start, start + limit).map(shown),
    ...more,
  });
}

/** As the API shows it: with the `kind` of each part and the signatures that an unsigned zone does not have. */
function shown(set: CloudDnsSet): unknown {
  const { routingPolicy: policy } = set;
  const kinds = (items: object[] | undefined, kind: string) => items?.map((item) => ({ kind, ...item }));
  const part = 'dns#rRSetRoutingPolicy';
  const routingPolicy = policy && {
    kind: part,
    ...policy,
    ...(policy.geo && {
      geo: { kind: `${part}GeoPolicy`, ...policy.geo, items: kinds(policy.geo.items, `${part}GeoPolicyGeoPolicyItem`) },
    }),
    ...(policy.wrr && {
      wrr: { kind: `${part}WrrPolicy`, items: kinds(policy.wrr.items, `${part}WrrPolicyWrrPolicyItem`) },
    }),
  };
  return {
    kind: 'dns#resourceRecordSet',
    signatureRrdatas: [],
    ...set,
    ...(routingPolicy ? { routingPolicy } : {}),
  };
}

function createChange(request: HttpRequest, world: World): HttpAnswer {
  const { state, options } = world;
  const body = ChangeRequest.parse(JSON.parse(request.body.toString('utf8')));
  const additions = body.additions.map(readSet);
  const deletions = body.deletions.map(readSet);
  if (additions.length + deletions.length === 0) {
    throw new CloudDnsError(400, 'required', "The 'entity.change' parameter is required but was missing.");
  }
  const answer = applyChange(state.sets, { additions, deletions }, `${options.zone.apex}.`);
  if (answer.kind === 'refused') throw new CloudDnsError(answer.status, answer.reason, answer.message);
  state.sets = answer.sets;
  state.changes += 1;
  const id = String(state.changes);
  const startTime = options.clock.now().toISOString();
  const change = { kind: 'dns#change', id, status: 'pending' as const, startTime, additions, deletions };
  world.changes.set(id, change);
  void world.save().then(() => world.changes.set(id, { ...change, status: 'done' }));
  return jsonAnswer(200, change);
}

function readSet(sent: unknown): CloudDnsSet {
  const stripped = JSON.parse(
    JSON.stringify(sent, (key, value: unknown) => (['kind', 'signatureRrdatas'].includes(key) ? undefined : value)),
  );
  const parsed = CloudDnsSet.safeParse(stripped);
  if (!parsed.success) throw new CloudDnsError(400, 'invalid', parsed.error.message);
  return parsed.data;
}

function getChange(id: string, world: World): HttpAnswer {
  const change = world.changes.get(id);
  if (!change)
    throw new CloudDnsError(404, 'notFound', `The 'parameters.changeId' resource named '${id}' does not exist.`);
  return jsonAnswer(200, change);
}
