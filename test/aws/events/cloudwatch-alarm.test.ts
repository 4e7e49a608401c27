// CloudWatch alarms by every path: what they say, when, and that one change is one fact.
import { describe, expect, it } from 'vitest';
import { parseAwsEvent } from '../../../aws/events/aws-event.ts';
import { admit } from '../../../shared/events/freshness.ts';
import type { AlarmBoard } from '../../../shared/model/bulletin.ts';
import {
  type AlarmCase,
  account,
  alarmCase,
  arnOf,
  directAction,
  eventBridgeChange,
  snsEnvelopeForSqs,
  snsRecord,
  snsText,
  sqsRecord,
} from '../../fixtures/cloudwatch.ts';
import { aboutAlert, aboutContext, aboutHealth, aboutLag, knowing } from '../../fixtures/declarations.ts';

const health = knowing(aboutHealth('cloudwatch', 'app-down'));
const lag = knowing(aboutLag('cloudwatch', 'replica-lag'));

const paths: [string, (alarm: AlarmCase) => unknown][] = [
  ['SNS to Lambda', (alarm) => ({ Records: [snsRecord(snsText(alarm))] })],
  ['SNS through SQS', (alarm) => ({ Records: [sqsRecord(snsEnvelopeForSqs(snsText(alarm)))] })],
  [
    'SNS through SQS, raw delivery',
    (alarm) => ({ Records: [sqsRecord(snsText(alarm, { AlarmArn: arnOf(alarm.name) }))] }),
  ],
  ['EventBridge', (alarm) => eventBridgeChange(alarm)],
  ['EventBridge through SNS', (alarm) => ({ Records: [snsRecord(JSON.stringify(eventBridgeChange(alarm)))] })],
  ['direct action', (alarm) => directAction(alarm)],
];

describe('a CloudWatch alarm', () => {
  it.each(paths)('by %s is unhealthy in ALARM, healthy in OK, unknown without data', (_, deliver) => {
    const states = (['ALARM', 'OK', 'INSUFFICIENT_DATA'] as const).map(
      (state) => parseAwsEvent(deliver(alarmCase({ state })), health).signals[0],
    );
    expect(states).toMatchObject([
      { kind: 'health', site: 'aws', component: 'app', health: 'unhealthy' },
      { health: 'healthy' },
      { health: 'unknown' },
    ]);
  });

  it('is one fact of one vantage by whichever path it comes', () => {
    const signals = paths.map(([, deliver]) => parseAwsEvent(deliver(alarmCase()), health).signals[0]);
    expect(new Set(signals.map((signal) => signal?.id)).size).toBe(1);
    expect(signals[0]).toMatchObject({
      id: `${arnOf('app-down')}|ALARM|2026-03-04T10:00:30.250Z#health:aws/app`,
      vantage: { kind: 'managed-check', name: arnOf('app-down'), ground: 'aws' },
      observedAt: '2026-03-04T10:00:30.250Z',
    });
  });

  it('of an old SNS message without AlarmArn has the ARN that topic and account make', () => {
    const event = { Records: [snsRecord(snsText(alarmCase(), { AlarmArn: undefined }))] };
    expect(parseAwsEvent(event, health).signals[0]?.vantage.name).toBe(arnOf('app-down'));
  });

  it('is not a fact twice: other states and times have other ids', () => {
    const ids = [alarmCase(), alarmCase({ state: 'OK' }), alarmCase({ changedAt: '2026-03-04T10:00:30.251+0000' })].map(
      (alarm) => parseAwsEvent(eventBridgeChange(alarm), health).signals[0]?.id,
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('that the strategy does not declare is rejected with the lines that declare it', () => {
    const { signals, rejections } = parseAwsEvent(eventBridgeChange(alarmCase({ name: 'other' })), health);
    expect(signals).toEqual([]);
    expect(rejections).toMatchObject([{ reason: 'undeclared', source: 'cloudwatch' }]);
    expect(rejections[0]?.explanation).toContain('"other" (declared for cloudwatch: "app-down")');
    expect(rejections[0]?.explanation).toContain('{source: cloudwatch, name: "other", speaks: {about: health');
  });

  it('that is declared twice speaks twice, and about alerts and context too', () => {
    const context = knowing(
      aboutHealth('cloudwatch', 'app-down'),
      aboutAlert('cloudwatch', 'app-down', 'error_rate'),
      aboutContext('cloudwatch', 'app-down', null),
    );
    const { signals } = parseAwsEvent(eventBridgeChange(alarmCase()), context);
    expect(signals).toMatchObject([
      { kind: 'health' },
      { kind: 'alert', alert: 'error_rate', firing: true },
      { kind: 'context', site: null, topic: 'cloudwatch: app-down' },
    ]);
    expect(new Set(signals.map((signal) => signal.id)).size).toBe(3);
  });

  it('without data neither fires nor resolves an alert', () => {
    const context = knowing(aboutAlert('cloudwatch', 'app-down', 'error_rate'));
    const parsed = parseAwsEvent(eventBridgeChange(alarmCase({ state: 'INSUFFICIENT_DATA' })), context);
    expect(parsed).toMatchObject({ signals: [], rejections: [{ reason: 'not-a-state-change' }] });
  });

  it('with a time that is none is malformed, and says which', () => {
    const { rejections } = parseAwsEvent(eventBridgeChange(alarmCase({ changedAt: 'date' })), health);
    expect(rejections).toMatchObject([{ reason: 'malformed' }]);
    expect(rejections[0]?.explanation).toContain('the state change time of "app-down" is "date", which is no time');
  });

  it('with a state that is none is malformed, and says where', () => {
    const { rejections } = parseAwsEvent(
      { Records: [snsRecord(snsText(alarmCase(), { NewStateValue: 'BAD' }))] },
      health,
    );
    expect(rejections[0]?.explanation).toMatch(/this is not what cloudwatch sends: NewStateValue: .*"ALARM"/);
  });
});

describe('missing data', () => {
  const words =
    'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].';

  it.each(paths)(
    'by %s is unknown, not down and not zero, even when the alarm treats it as breaching',
    (_, deliver) => {
      const alarm = alarmCase({ reason: words, datapoints: [] });
      expect(parseAwsEvent(deliver(alarm), health).signals).toMatchObject([{ health: 'unknown' }]);
      const lagging = { ...alarm, name: 'replica-lag' };
      expect(parseAwsEvent(deliver(lagging), lag).signals).toMatchObject([{ lagSeconds: null, breached: null }]);
    },
  );

  it('treated as not breaching does not make a site healthy', () => {
    const alarm = alarmCase({ state: 'OK', reason: words.replace('Breaching', 'NonBreaching'), datapoints: [] });
    expect(parseAwsEvent(eventBridgeChange(alarm), health).signals).toMatchObject([{ health: 'unknown' }]);
  });
});

describe('a lag alarm', () => {
  const lagging = (changes: Partial<AlarmCase> = {}) =>
    alarmCase({
      name: 'replica-lag',
      metric: { namespace: 'AWS/RDS', name: 'ReplicaLag', statistic: 'Maximum' },
      reason:
        'Threshold Crossed: 2 datapoints [12.5 (04/03/26 10:00:00), 9.0 (04/03/26 09:59:00)] were greater than the threshold (5.0).',
      datapoints: [12.5],
      ...changes,
    });

  it.each(paths)('by %s tells the seconds that the event carries', (_, deliver) => {
    expect(parseAwsEvent(deliver(lagging()), lag).signals).toMatchObject([
      { kind: 'lag', site: 'gcp', lagSeconds: 12.5, breached: true },
    ]);
  });

  it('tells no seconds where the event carries none, and still whether it is breached', () => {
    const bare = directAction(lagging({ reason: 'test' }), { reasonData: undefined });
    expect(parseAwsEvent(bare, lag).signals).toMatchObject([{ lagSeconds: null, breached: true }]);
  });

  it('takes the newest of the datapoints that have times', () => {
    const reasonData = JSON.stringify({
      recentDatapoints: [30, 4],
      evaluatedDatapoints: [
        { timestamp: '2026-03-04T09:58:00.000+0000', value: 30 },
        { timestamp: '2026-03-04T10:00:00.000+0000', value: 4 },
        { timestamp: '2026-03-04T10:01:00.000+0000' },
      ],
    });
    expect(parseAwsEvent(directAction(lagging(), { reasonData }), lag).signals).toMatchObject([{ lagSeconds: 4 }]);
  });

  it.each([
    ['ReplicaLag', 12.5],
    ['AuroraReplicaLag', 0.0125],
    ['OldestReplicationSlotLag', null],
    ['constructor', 12.5],
  ])('on %s tells %s seconds', (name, seconds) => {
    const metric = { namespace: 'AWS/RDS', name, statistic: 'Maximum' };
    expect(parseAwsEvent(eventBridgeChange(lagging({ metric })), lag).signals).toMatchObject([{ lagSeconds: seconds }]);
  });

  it('at -1 is how a broken replication shows: unknown, not small', () => {
    const alarm = lagging({ state: 'OK', datapoints: [-1] });
    expect(parseAwsEvent(eventBridgeChange(alarm), lag).signals).toMatchObject([{ lagSeconds: null, breached: null }]);
  });
});

describe('a Route 53 health check alarm', () => {
  const by = (statistic: string) =>
    alarmCase({ metric: { namespace: 'AWS/Route53', name: 'HealthCheckStatus', statistic } });

  it.each(paths)('by %s is refused when it counts samples, for it can never reflect health', (_, deliver) => {
    const { signals, rejections } = parseAwsEvent(deliver(by('SampleCount')), health);
    expect(signals).toEqual([]);
    expect(rejections).toMatchObject([{ reason: 'unsupported' }]);
    expect(rejections[0]?.explanation).toMatch(
      /HealthCheckStatus by (SampleCount|SAMPLE_COUNT), which can never reflect health/,
    );
    expect(rejections[0]?.explanation).toContain('change its statistic to Minimum');
  });

  it.each([
    ['Minimum', false],
    ['Average', true],
    ['Maximum', true],
  ])('by %s is taken; advised against: %s', (statistic, advised) => {
    const [signal] = parseAwsEvent(eventBridgeChange(by(statistic)), health).signals;
    expect(signal).toMatchObject({ health: 'unhealthy' });
    expect(signal?.because.includes('later than Minimum')).toBe(advised);
  });

  it('is found inside metric math', () => {
    const math = {
      Metrics: [
        { Id: 'e1', Expression: 'm1', ReturnData: true },
        {
          Id: 'm1',
          MetricStat: {
            Metric: { Namespace: 'AWS/Route53', MetricName: 'HealthCheckStatus' },
            Period: 60,
            Stat: 'Sum',
          },
        },
      ],
    };
    const event = { Records: [snsRecord(snsText(alarmCase(), { Trigger: math }))] };
    expect(parseAwsEvent(event, health).rejections).toMatchObject([{ reason: 'unsupported' }]);
  });
});

describe('an alarm that an operator has quieted', () => {
  const muteDetail = {
    mutedByArn: `arn:aws:cloudwatch:us-east-1:${account}:alarm-mute-rule:works`,
    muteWindowStart: '2026-03-04T09:00:00.000+0000',
    muteWindowEnd: '2026-03-04T11:00:00.000+0000',
  };

  it('by a mute rule is no evidence while it is in ALARM, and says so', () => {
    const [signal] = parseAwsEvent(eventBridgeChange(alarmCase(), { muteDetail }), health).signals;
    expect(signal).toMatchObject({ health: 'unknown' });
    expect(signal?.because).toContain('it is muted by arn:aws:cloudwatch');
  });

  it('by a mute rule is still healthy when it is OK', () => {
    const event = eventBridgeChange(alarmCase({ state: 'OK' }), { muteDetail });
    expect(parseAwsEvent(event, health).signals).toMatchObject([{ health: 'healthy' }]);
  });

  it('by a suppressor is no evidence, and another fact than the ALARM that is let through later', () => {
    const suppressed = {
      actionsSuppressedBy: 'WaitPeriod',
      actionsSuppressedReason: 'Actions suppressed by WaitPeriod',
    };
    const [quiet] = parseAwsEvent(directAction(alarmCase(), suppressed), health).signals;
    const [open] = parseAwsEvent(directAction(alarmCase()), health).signals;
    expect(quiet).toMatchObject({ health: 'unknown' });
    expect(quiet?.id).not.toBe(open?.id);
  });

  it('and let through after the window keeps the time of its change, so that it is seen to be late', () => {
    const event = { Records: [snsRecord(snsText(alarmCase(), { ActionExecutedAfterMuteWindow: true }))] };
    const [signal] = parseAwsEvent(event, { ...health, receivedAt: new Date('2026-03-04T12:00:00Z') }).signals;
    expect(signal).toMatchObject({ observedAt: '2026-03-04T10:00:30.250Z', health: 'unhealthy' });
    expect(signal?.because).toContain('after a mute window');
  });
});

describe('what is no change of state', () => {
  it.each(['CloudWatch Alarm Configuration Change', 'CloudWatch Alarm Contributor State Change'])(
    '%s is rejected',
    (type) => {
      const event = { ...eventBridgeChange(alarmCase()), 'detail-type': type };
      expect(parseAwsEvent(event, health)).toMatchObject({
        signals: [],
        rejections: [{ reason: 'not-a-state-change' }],
      });
    },
  );
});

describe('other shapes of alarm', () => {
  it('composite: an AlarmRule and no Trigger', () => {
    const text = snsText(alarmCase(), {
      Trigger: undefined,
      AlarmRule: 'ALARM(a) OR ALARM(b)',
      TriggeringChildren: [],
    });
    expect(parseAwsEvent({ Records: [snsRecord(text)] }, health).signals).toMatchObject([{ health: 'unhealthy' }]);
  });

  it('log alarm: no metrics, no reason data, no timestamp of its own', () => {
    const event = directAction(alarmCase());
    const { timestamp: _, reasonData: __, ...state } = event.alarmData.state;
    const log = { ...event, alarmData: { alarmName: 'app-down', state, configuration: { threshold: 100 } } };
    expect(parseAwsEvent(log, health).signals).toMatchObject([{ observedAt: '2026-03-04T10:00:30.250Z' }]);
  });
});

describe('a change of state on its way to the board', () => {
  const empty = { schema: 1 as const, health: [], lag: [] };
  const put = (events: unknown[], now: string) =>
    events.reduce<{ board: AlarmBoard; told: string[] }>(
      ({ board, told }, event) => {
        const [signal] = parseAwsEvent(event, health).signals;
        if (signal?.kind !== 'health') throw new Error('the case is wrong: no health signal in it');
        const admission = admit(board, signal, new Date(now), 120);
        if (admission.kind === 'ignored') return { board, told: [...told, admission.because.split(':')[0] ?? ''] };
        return { board: admission.board, told: [...told, 'admitted'] };
      },
      { board: empty, told: [] },
    );

  it('counts once, though it comes by every path', () => {
    const events = paths.map(([, deliver]) => deliver(alarmCase()));
    const { board, told } = put(events, '2026-03-04T10:00:40Z');
    expect(told).toEqual(['admitted', ...Array<string>(5).fill('duplicate')]);
    expect(board.health).toHaveLength(1);
  });

  it('is late when a mute window held it back', () => {
    const event = { Records: [snsRecord(snsText(alarmCase(), { ActionExecutedAfterMuteWindow: true }))] };
    expect(put([event], '2026-03-04T11:00:01Z')).toEqual({ board: empty, told: ['late'] });
  });

  it('does not come back after the OK that followed it', () => {
    const ok = eventBridgeChange(alarmCase({ state: 'OK', changedAt: '2026-03-04T10:01:00.000+0000' }));
    const { board, told } = put([ok, eventBridgeChange(alarmCase())], '2026-03-04T10:01:10Z');
    expect(told).toEqual(['admitted', 'out of order']);
    expect(board.health).toMatchObject([{ health: 'healthy' }]);
  });
});
