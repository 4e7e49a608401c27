// A stand-in for the RDS API: instances with a state, and read replicas that can be promoted.
import { type Faults, type HttpAnswer, type HttpRequest, type HttpServer, startHttp, withFaults } from './http.ts';
import { element, queryAnswer, queryFailure, readForm } from './query-wire.ts';

export type RdsInstance = {
  identifier: string;
  /** RDS's own word: available, backing-up, modifying, stopped, ... */
  status: string;
  /** Null: not a replica. */
  source: string | null;
  host: string;
  databasePort: number;
};

export type RdsStandinOptions = {
  host: string;
  port: number;
  /** Read anew for every request, so that their owner may change them. */
  instances: RdsInstance[];
  promoteSeconds: number;
  elapsedSeconds(): number;
  /** Called when a promotion has been accepted, once for each. */
  onPromote(identifier: string): void;
  faults: Faults;
};

export type RdsStandin = HttpServer & {
  /** From now on a promotion ends with the replica as it was. */
  spoilPromotions(): void;
};

const namespace = 'http://rds.amazonaws.com/doc/2014-10-31/';

/** Speaks the Query wire of RDS 2014-10-31: DescribeDBInstances by identifier, and PromoteReadReplica. */
export async function startRdsStandin(options: RdsStandinOptions): Promise<RdsStandin> {
  const promotions = new Map<RdsInstance, number>();
  let spoiled = false;
  const settle = (): void => {
    for (const [instance, doneAt] of promotions) {
      if (options.elapsedSeconds() < doneAt) continue;
      promotions.delete(instance);
      instance.status = 'available';
      if (!spoiled) instance.source = null;
    }
  };
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    settle();
    const form = readForm(request);
    const identifier = form.get('DBInstanceIdentifier') ?? '';
    const action = form.get('Action') ?? '';
    const instance = options.instances.find((each) => each.identifier === identifier);
    if (!instance) return failure(404, 'DBInstanceNotFound', `DBInstance ${identifier} not found.`);
    if (action === 'DescribeDBInstances')
      return queryAnswer(action, namespace, [element('DBInstances', [view(instance)])]);
    if (action !== 'PromoteReadReplica') return failure(400, 'InvalidAction', `Could not find operation ${action}`);
    const refusal = refusalOf(instance);
    if (refusal !== null) return failure(400, 'InvalidDBInstanceState', refusal);
    instance.status = 'modifying';
    promotions.set(instance, options.elapsedSeconds() + options.promoteSeconds);
    options.onPromote(identifier);
    return queryAnswer(action, namespace, [view(instance)]);
  };
  const refuse = (status: number, code: string) => failure(status, code, `injected: ${code}`);
  const server = await startHttp(withFaults(handle, options.faults, refuse), options);
  return {
    ...server,
    spoilPromotions: () => {
      spoiled = true;
    },
  };
}

function refusalOf(instance: RdsInstance): string | null {
  if (instance.source === null) return `DB Instance ${instance.identifier} is not a read replica.`;
  if (instance.status === 'available') return null;
  return `DB Instance ${instance.identifier} is not in the available state: ${instance.status}.`;
}

function view(instance: RdsInstance): string {
  const endpoint = [element('Address', instance.host), element('Port', instance.databasePort)];
  return element('DBInstance', [
    element('DBInstanceIdentifier', instance.identifier),
    element('DBInstanceStatus', instance.status),
    element('Engine', 'postgres'),
    element('MultiAZ', false),
    element('Endpoint', endpoint),
    ...(instance.source === null ? [] : [element('ReadReplicaSourceDBInstanceIdentifier', instance.source)]),
  ]);
}

function failure(status: number, code: string, message: string): HttpAnswer {
  return queryFailure(namespace, status, code, message);
}
