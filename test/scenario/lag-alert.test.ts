// The alert on replication lag: told once per episode after its duration, and when it is over; what is not known changes nothing.
import { describe, expect, it } from 'vitest';
import type { LagSignal } from '../../shared/model/signal.ts';
import { begin, deliver, messages, type Story } from '../support/estate/story.ts';

/** `db_replication_lag > 10s` for 2 minutes: ops_team is notified, dba_team is escalated to. */
const durationSeconds = 120;
const thresholdSeconds = 10;
const slackSeconds = 15;

const told = ({ estate }: Story) => messages(estate).map(({ channel, title }) => `${channel}: ${title}`);
const began = (channel: string) => `${channel}: replication_lag: db_replication_lag > 10 s for 120 s`;
const over = (channel: string) => `${channel}: replication_lag is over`;

function lagSignal({ estate }: Story, id: string, lagSeconds: number | null): LagSignal {
  return {
    kind: 'lag',
    id,
    vantage: { kind: 'managed-check', name: 'replica-lag', ground: 'gcp' },
    observedAt: estate.clock.now().toISOString(),
    because: 'ReplicaLag',
    site: 'gcp',
    lagSeconds,
    breached: lagSeconds === null ? null : lagSeconds > 10,
  };
}

describe('when replication falls behind', () => {
  it('tells people once when it has lasted, and once when it is over', async () => {
    const story = await begin({ seed: 81 });
    const { estate } = story;
    estate.replicationHeld = true;
    await estate.pass(thresholdSeconds + durationSeconds - slackSeconds);
    expect(told(story)).toEqual([]);
    await estate.pass(2 * slackSeconds);
    expect(told(story)).toEqual([began('ops_team'), began('dba_team')]);
    await estate.pass(120);
    expect(told(story)).toHaveLength(2);
    estate.replicationHeld = false;
    await estate.pass(slackSeconds);
    expect(told(story).toSorted()).toEqual(
      [began('ops_team'), over('ops_team'), began('dba_team'), over('dba_team')].toSorted(),
    );
    expect(estate.situation().episodes).toEqual([]);
    expect(Object.values(estate.channels).map(({ arrived }) => arrived.length)).toEqual([2, 2, 0, 0, 0, 0]);
  });

  it('says nothing of a lag that did not last', async () => {
    const story = await begin({ seed: 82 });
    const { estate } = story;
    estate.replicationHeld = true;
    await estate.pass(90);
    expect(estate.situation().episodes).toMatchObject([{ alert: 'replication_lag', told: false }]);
    estate.replicationHeld = false;
    await estate.pass(200);
    expect(told(story)).toEqual([]);
    expect(estate.situation().episodes).toEqual([]);
  });

  it('neither begins nor ends an episode while nobody can tell the lag', async () => {
    const story = await begin({ seed: 83 });
    const { estate } = story;
    estate.databases.gcp?.setTrouble('unreachable');
    await estate.pass(200);
    expect(estate.situation().episodes).toEqual([]);
    estate.databases.gcp?.setTrouble(null);
    estate.replicationHeld = true;
    await estate.pass(durationSeconds + thresholdSeconds + slackSeconds);
    const [episode] = estate.situation().episodes;
    expect(episode).toMatchObject({ told: true });
    estate.databases.gcp?.setTrouble('unreachable');
    await estate.pass(100);
    expect(estate.situation().episodes).toEqual([episode]);
    expect(told(story)).toHaveLength(2);
  });

  it('hears it from an alarm when its own heartbeats cannot tell, and missing data there ends nothing', async () => {
    const story = await begin({ seed: 84 });
    const { estate } = story;
    estate.databases.gcp?.setTrouble('unreachable');
    await deliver(story, 'gcp', [lagSignal(story, 'lag-1', 45)]);
    expect(told(story)).toEqual([began('ops_team'), began('dba_team')]);
    expect(estate.told('ops_team')[0]?.text).toContain('the lag is 45.0 s (gcp: replica-lag said so at ');
    const [episode] = estate.situation().episodes;
    await deliver(story, 'gcp', [lagSignal(story, 'lag-2', null)]);
    expect(estate.situation().episodes).toEqual([episode]);
    await deliver(story, 'gcp', [lagSignal(story, 'lag-3', 0.2)]);
    expect(told(story)).toHaveLength(4);
    expect(estate.situation().episodes).toEqual([]);
  });
});
