// Cloud SQL over its stand-in: the contract, and what only Cloud SQL does.
import { PassThroughClient } from 'google-auth-library';
import { afterEach, describe, expect, it } from 'vitest';
import { createCloudSqlDatabase, openCloudSqlClients } from '../../../gcp/adapters/cloud-sql-database.ts';
import { startCloudSqlStandin } from '../../../infra/local/standins/cloud-sql.ts';
import type { HttpRequest } from '../../../infra/local/standins/http.ts';
import { ManagedDatabaseUnavailable } from '../../../shared/ports/managed-database.ts';
import { managedDatabaseContract } from '../../contract/managed-database.ts';
import { failWith } from '../../support/cluster-world.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';

async function startCloudSql(instance = 'shop/db-replica', timeoutSeconds = 10) {
  const clock = createManualClock();
  const switches = createFaultSwitch();
  const accepted: string[] = [];
  const standin = await startCloudSqlStandin({
    host: '127.0.0.1',
    port: 0,
    project: 'shop',
    instance: 'db-replica',
    role: 'replica',
    promoteSeconds: 30,
    updateSeconds: 20,
    elapsedSeconds: clock.elapsedSeconds,
    onPromote: (promoted) => accepted.push(promoted),
    faults: switches.faults,
  });
  const endpoint = { authClient: new PassThroughClient(), at: { host: standin.host, port: standin.port } };
  const database = createCloudSqlDatabase({
    connect: () => openCloudSqlClients(endpoint),
    instance,
    timeoutSeconds,
  });
  return {
    database,
    standin,
    switches,
    promotions: () => accepted.length,
    advance: clock.advance,
    put: (state: 'stopping' | 'stopped' | 'broken') => {
      if (state === 'stopping') standin.setActivationPolicy('NEVER');
      if (state === 'stopped') clock.advance(30);
      if (state === 'broken') standin.setState('FAILED');
    },
    spoilPromotions: standin.spoilPromotions,
    fail: (how: 'drop' | 'lose-answer' | 'silence' | null) => failWith([switches], how),
    close: standin.close,
  };
}

managedDatabaseContract('Cloud SQL', (timeoutSeconds) => startCloudSql('shop/db-replica', timeoutSeconds));

describe('Cloud SQL', () => {
  let world: Awaited<ReturnType<typeof startCloudSql>>;
  afterEach(() => world.close());

  it('promotes with an empty body and without failover, so that the old primary is left alone', async () => {
    world = await startCloudSql();
    const seen: HttpRequest[] = [];
    world.switches.set({ kind: 'drop' }, (request) => {
      if (request.method === 'POST') seen.push(request);
      return false;
    });
    await world.database.promote();
    expect(seen).toHaveLength(1);
    expect(seen[0]?.path).toBe('/v1/projects/shop/instances/db-replica/promoteReplica');
    expect(seen[0]?.query.get('failover')).toBeNull();
    expect(['', '""']).toContain(seen[0]?.body.toString());
  });

  it('finds the promotion of another keeper that began between its look and its call', async () => {
    world = await startCloudSql();
    let answers = 0;
    world.switches.set({ kind: 'lose-answer' }, (request) => request.method === 'POST' && answers++ === 0);
    const found = await world.database.promote();
    expect(found).toMatchObject({ state: 'running' });
    expect(world.promotions()).toBe(1);
  });

  it('does not know when the instance is busy with another operation', async () => {
    world = await startCloudSql();
    world.standin.setActivationPolicy('ALWAYS');
    const promoted = world.database.promote();
    await expect(promoted).rejects.toThrow(/promote Cloud SQL replica db-replica: ABORTED: .*already in progress/);
    await expect(promoted).rejects.toBeInstanceOf(ManagedDatabaseUnavailable);
  });

  it.each([
    ['MAINTENANCE', 'changing'],
    ['SUSPENDED', 'failed'],
  ])('reads %s as %s', async (word, status) => {
    world = await startCloudSql();
    world.standin.setState(word);
    expect(await world.database.state()).toMatchObject({ status, providerStatus: word });
  });

  it('says which instance does not exist', async () => {
    world = await startCloudSql('shop/db-replika');
    const asked = world.database.state();
    await expect(asked).rejects.toThrow(/get Cloud SQL instance db-replika: NOT_FOUND/);
    await expect(asked).rejects.not.toBeInstanceOf(ManagedDatabaseUnavailable);
  });

  it('takes a name only as project/instance', async () => {
    world = await startCloudSql();
    const connect = () => Promise.reject(new Error('not used'));
    expect(() => createCloudSqlDatabase({ connect, instance: 'db', timeoutSeconds: 1 })).toThrow(
      /write project\/instance/,
    );
  });
});
