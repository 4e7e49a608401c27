// Alertmanager's webhook: its secret, its versions, and one fact for each alert name.
import { describe, expect, it } from 'vitest';
import { parseAlertmanager } from '../../../shared/events/alertmanager.ts';
import { aboutAlert, aboutHealth, aboutLag, knowing } from '../../fixtures/declarations.ts';

const sender = { secret: 'correct horse', ground: 'elsewhere' as const };
const context = knowing(
  aboutHealth('alertmanager', 'AppDown'),
  aboutLag('alertmanager', 'Lag'),
  aboutAlert('alertmanager', 'Errors', 'error_rate'),
);

function alert(alertname: string, status: string, changes: object = {}) {
  return {
    status,
    labels: { alertname, instance: 'a' },
    annotations: { summary: 'It does not answer' },
    startsAt: '2026-03-04T11:00:00.5+01:00',
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-03-04T10:05:00Z',
    generatorURL: 'http://prometheus/graph',
    ...changes,
  };
}

function webhook(alerts: unknown[], changes: object = {}) {
  return {
    version: '4',
    groupKey: '{}:{alertname="AppDown"}',
    status: 'firing',
    receiver: 'causeway',
    alerts,
    ...changes,
  };
}

function posted(body: unknown, authorization: string | null = 'Bearer correct horse') {
  return parseAlertmanager({ authorization, body }, context, sender);
}

describe('an Alertmanager webhook', () => {
  it('that fires is unhealthy since it started, seen from where its sender stands', () => {
    expect(posted(webhook([alert('AppDown', 'firing')])).signals).toEqual([
      {
        kind: 'health',
        id: 'alertmanager|AppDown|unhealthy|2026-03-04T10:00:00.500Z#health:aws/app',
        vantage: { kind: 'alertmanager', name: 'alertmanager/AppDown', ground: 'elsewhere' },
        observedAt: '2026-03-04T10:00:00.500Z',
        because: 'The alert AppDown is firing since 2026-03-04T10:00:00.500Z. It says: It does not answer',
        site: 'aws',
        component: 'app',
        health: 'unhealthy',
      },
    ]);
  });

  it('that is resolved is healthy since it ended', () => {
    const { signals } = posted(JSON.stringify(webhook([alert('AppDown', 'resolved')])));
    expect(signals).toMatchObject([{ health: 'healthy', observedAt: '2026-03-04T10:05:00.000Z' }]);
  });

  it('repeated is the same fact', () => {
    const [one, again] = [
      posted(webhook([alert('AppDown', 'firing')])),
      posted(webhook([alert('AppDown', 'firing')], { receiver: 'x' })),
    ];
    expect(again).toEqual(one);
  });

  it('is unhealthy as long as one alert of the name fires', () => {
    const { signals } = posted(
      webhook([
        alert('AppDown', 'resolved'),
        alert('AppDown', 'firing', { labels: { alertname: 'AppDown', instance: 'b' } }),
      ]),
    );
    expect(signals).toMatchObject([{ health: 'unhealthy' }]);
  });

  it('that was cut short does not tell that all is well', () => {
    const { signals } = posted(webhook([alert('AppDown', 'resolved')], { truncatedAlerts: 3 }));
    expect(signals).toMatchObject([{ health: 'unknown', because: expect.stringContaining('cut short') }]);
  });

  it('about lag tells whether it is breached and no seconds, about an alert whether it fires', () => {
    expect(posted(webhook([alert('Lag', 'firing'), alert('Errors', 'resolved')])).signals).toMatchObject([
      { kind: 'lag', lagSeconds: null, breached: true },
      { kind: 'alert', alert: 'error_rate', firing: false },
    ]);
  });

  it('keeps good alerts beside bad and undeclared ones', () => {
    const { signals, rejections } = posted(
      webhook([
        { status: 'firing' },
        alert('Other', 'firing'),
        alert('AppDown', 'firing'),
        alert('Lag', 'firing', { startsAt: 'soon' }),
      ]),
    );
    expect(signals).toMatchObject([{ kind: 'health' }]);
    expect(rejections.map((each) => each.reason).sort()).toEqual(['malformed', 'malformed', 'undeclared']);
  });

  it.each([
    ['3', Number('15453445678989786112')],
    ['5', 'x'],
  ])('of version %s is refused with the reason', (version, groupKey) => {
    const { signals, rejections } = posted(webhook([alert('AppDown', 'firing')], { version, groupKey }));
    expect(signals).toEqual([]);
    expect(rejections).toMatchObject([
      { reason: 'unsupported', explanation: expect.stringContaining('accepted is version "4"') },
    ]);
    expect(rejections[0]?.explanation.includes('numeric groupKey')).toBe(version === '3');
  });

  it.each(['not json', null, 7, [], { version: '4', groupKey: 7, alerts: [] }, { version: '4', groupKey: 'x' }])(
    'that is %j is malformed',
    (body) => {
      expect(posted(body)).toMatchObject({ signals: [], rejections: [{ reason: 'malformed' }] });
    },
  );
});

describe('the shared secret', () => {
  it.each([null, '', 'Bearer', 'Bearer ', 'Bearer wrong', 'Basic correct horse', 'Bearer correct horsee'])(
    'refuses %j',
    (authorization) => {
      const { signals, rejections } = posted(webhook([alert('AppDown', 'firing')]), authorization);
      expect(signals).toEqual([]);
      expect(rejections).toMatchObject([{ reason: 'bad-secret' }]);
      expect(rejections[0]?.explanation).not.toContain('horse');
    },
  );

  it('that is empty opens to nobody', () => {
    for (const authorization of [null, '', 'Bearer ', 'Bearer x']) {
      const request = { authorization, body: webhook([]) };
      const { rejections } = parseAlertmanager(request, context, { ...sender, secret: '' });
      expect(rejections).toMatchObject([
        { reason: 'bad-secret', explanation: expect.stringContaining('no secret configured') },
      ]);
    }
  });
});
