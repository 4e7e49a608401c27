// RDS over its stand-in: the contract, and what only RDS does.
import { RDSClient } from '@aws-sdk/client-rds';
import { afterEach, describe, expect, it } from 'vitest';
import { createRdsDatabase } from '../../../aws/adapters/rds-database.ts';
import { type RdsInstance, startRdsStandin } from '../../../infra/local/standins/rds.ts';
import { ManagedDatabaseUnavailable } from '../../../shared/ports/managed-database.ts';
import { managedDatabaseContract } from '../../contract/managed-database.ts';
import { failWith } from '../../support/cluster-world.ts';
import { createFaultSwitch } from '../../support/fault-switch.ts';
import { createManualClock } from '../../support/manual-clock.ts';

async function startRds(identifier = 'shop-db-replica', timeoutSeconds = 10) {
  const clock = createManualClock();
  const switches = createFaultSwitch();
  const replica: RdsInstance = {
    identifier: 'shop-db-replica',
    status: 'available',
    source: 'shop-db',
    host: 'shop-db-replica.abc.us-east-1.rds.amazonaws.com',
    databasePort: 5432,
  };
  const accepted: string[] = [];
  const rds = await startRdsStandin({
    host: '127.0.0.1',
    port: 0,
    instances: [replica],
    promoteSeconds: 30,
    elapsedSeconds: clock.elapsedSeconds,
    onPromote: (promoted) => accepted.push(promoted),
    faults: switches.faults,
  });
  const client = new RDSClient({
    endpoint: rds.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  const database = createRdsDatabase({
    client,
    instance: identifier,
    timeoutSeconds,
    settleSeconds: 60,
    now: clock.now,
  });
  const words = { stopping: 'stopping', stopped: 'stopped', broken: 'incompatible-parameters' };
  return {
    database,
    replica,
    switches,
    promotions: () => accepted.length,
    advance: clock.advance,
    put: (state: 'stopping' | 'stopped' | 'broken') => {
      replica.status = words[state];
    },
    spoilPromotions: rds.spoilPromotions,
    fail: (how: 'drop' | 'lose-answer' | 'silence' | null) => failWith([switches], how),
    close: async () => {
      client.destroy();
      await rds.close();
    },
  };
}

managedDatabaseContract('RDS', (timeoutSeconds) => startRds('shop-db-replica', timeoutSeconds));

describe('RDS', () => {
  let world: Awaited<ReturnType<typeof startRds>>;
  afterEach(() => world.close());

  it('does not promote while a backup runs, says so, and can be asked again', async () => {
    world = await startRds();
    world.replica.status = 'backing-up';
    expect(await world.database.state()).toMatchObject({ status: 'running' });
    expect(await world.database.promote()).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(
        /does not promote shop-db-replica while it is backing-up.*try again when it is available/,
      ),
    });
    world.replica.status = 'available';
    expect(await world.database.promote()).toMatchObject({ state: 'running' });
  });

  it('finds the promotion whose answer was lost', async () => {
    world = await startRds();
    world.switches.set({ kind: 'lose-answer' }, (request) => request.body.includes('Action=PromoteReadReplica'));
    await expect(world.database.promote()).rejects.toBeInstanceOf(ManagedDatabaseUnavailable);
    world.switches.heal();
    expect(await world.database.promote()).toMatchObject({ state: 'running' });
    expect(world.promotions()).toBe(1);
  });

  it('takes an available replica for a late view until the limit, and only then for a failure', async () => {
    world = await startRds();
    world.spoilPromotions();
    const { id } = await world.database.promote();
    world.advance(55);
    expect(await world.database.operation(id)).toMatchObject({ state: 'running' });
    world.advance(10);
    expect(await world.database.operation(id)).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(/available and a replica 65 s after it was to be promoted \(limit 60 s\)/),
    });
  });

  it.each([
    ['rebooting', 'changing'],
    ['storage-optimization', 'running'],
    ['storage-full', 'failed'],
    ['a-word-of-next-year', 'changing'],
  ])('reads %s as %s', async (word, status) => {
    world = await startRds();
    world.replica.status = word;
    expect(await world.database.state()).toMatchObject({ status, providerStatus: word });
  });

  it('says which instance does not exist', async () => {
    world = await startRds('shop-db-replika');
    const asked = world.database.state();
    await expect(asked).rejects.toThrow(
      /describe DB instance shop-db-replika: refused with DBInstanceNotFoundFault \(404\)/,
    );
    await expect(asked).rejects.not.toBeInstanceOf(ManagedDatabaseUnavailable);
  });

  it('does not know when it is throttled', async () => {
    world = await startRds();
    world.switches.set({ kind: 'refuse', status: 400, code: 'Throttling' });
    await expect(world.database.state()).rejects.toBeInstanceOf(ManagedDatabaseUnavailable);
  });

  it('knows its own ids from others', async () => {
    world = await startRds();
    await expect(world.database.operation('operation-1')).rejects.toThrow(/not the id of an RDS promotion/);
  });
});
