// Whatever arrives, the parsers answer: random JSON, and valid events with anything in any place.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAwsEvent } from '../../../aws/events/aws-event.ts';
import { parseGcpEvent } from '../../../gcp/events/gcp-event.ts';
import { parseAlertmanager } from '../../../shared/events/alertmanager.ts';
import { decodeJson, isObject } from '../../../shared/events/payload.ts';
import type { Parsed as Answer } from '../../../shared/model/signal.ts';
import {
  alarmCase,
  directAction,
  eventBridgeChange,
  snsEnvelopeForSqs,
  snsRecord,
  snsText,
  sqsRecord,
} from '../../fixtures/cloudwatch.ts';
import { aboutHealth, aboutLag, knowing } from '../../fixtures/declarations.ts';
import { cloudEvent, incident, push } from '../../fixtures/google-cloud.ts';
import { Parsed } from './parsed-schema.ts';

const context = knowing(
  aboutHealth('cloudwatch', 'app-down'),
  aboutLag('cloudwatch', 'app-down'),
  aboutHealth('cloud-monitoring', 'app-down-from-gcp'),
  aboutHealth('alertmanager', 'AppDown'),
);

const parsers: [string, (event: unknown) => Answer][] = [
  ['AWS', (event) => parseAwsEvent(event, context)],
  ['Google Cloud', (event) => parseGcpEvent(event, context)],
  [
    'Alertmanager',
    (body) => parseAlertmanager({ authorization: 'Bearer s', body }, context, { secret: 's', ground: 'elsewhere' }),
  ],
];

/** Every answer is well-formed, and says something about whatever came. */
function answers(parse: (event: unknown) => Answer, event: unknown): boolean {
  const { signals, rejections } = Parsed.parse(parse(event));
  return signals.length + rejections.length > 0;
}

type Step = { at: number; with: unknown };

/** A copy with one place of it, the `at`-th in a walk through it, put to something else. Texts of JSON are walked into. */
function mutated(value: unknown, step: Step): unknown {
  let place = 0;
  const walk = (each: unknown): unknown => {
    place += 1;
    if (place === step.at) return step.with;
    const inner = decodeJson(each);
    if (typeof each === 'string' && isObject(inner)) return JSON.stringify(walk(inner)) ?? '';
    if (Array.isArray(each)) return each.map(walk);
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, part]) => [key, walk(part)]));
  };
  return walk(value);
}

const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(undefined, Number.NaN, '__proto__', 'constructor', '1e999', '[', 1e300, -1, ''),
);
const step = fc.record({ at: fc.integer({ min: 1, max: 60 }), with: strange });

const alarm = alarmCase({ reason: '[1.5 (04/03/26 10:00:00)]' });
const valid: unknown[] = [
  { Records: [snsRecord(snsText(alarm)), sqsRecord(snsEnvelopeForSqs(snsText(alarm)))] },
  { Records: [sqsRecord(snsText(alarm))] },
  eventBridgeChange(alarm, { muteDetail: { mutedByArn: 'a' } }),
  directAction(alarm, { actionsSuppressedBy: 'Alarm' }),
  {
    source: 'aws.rds',
    'detail-type': 'RDS DB Instance Event',
    time: '2026-03-04T10:00:00Z',
    detail: { SourceIdentifier: 'x', Date: '2026-03-04T10:00:00Z', Message: 'm', EventCategories: [] },
  },
  {
    source: 'aws.health',
    'detail-type': 'AWS Health Event',
    time: '2026-03-04T10:00:00Z',
    detail: { eventRegion: 'r' },
  },
  { source: 'aws.events', 'detail-type': 'Scheduled Event', time: '2026-03-04T10:00:00Z', id: 'x', detail: {} },
  { 'Event Source': 'db-instance', 'Source ID': 'x', 'Event Time': '2026-03-04 10:00:00', 'Event Message': 'm' },
  { causeway: 'tick', scheduledTime: '2026-03-04T10:00:00Z' },
  cloudEvent(incident()),
  push(incident({ observed_value: '1.0' }, '1.1')),
  incident({ state: 'closed', ended_at: 1772618460 }),
  { headers: { 'x-cloudscheduler': 'true', 'x-cloudscheduler-scheduletime': '2026-03-04T10:00:00Z' }, body: {} },
  { context: { eventId: '1', eventType: 'google.pubsub.topic.publish' }, data: { data: 'e30=' } },
  {
    version: '4',
    groupKey: '{}',
    alerts: [{ status: 'firing', labels: { alertname: 'AppDown' }, startsAt: '2026-03-04T10:00:00Z', annotations: {} }],
  },
];

describe.each(parsers)('the parser for %s', (_, parse) => {
  it('answers to any JSON', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (event) => answers(parse, event) || isEmptyBatch(event)));
  });

  it('answers to valid events with anything in any two places', () => {
    fc.assert(
      fc.property(fc.constantFrom(...valid), step, step, (event, one, other) => {
        const changed = mutated(mutated(event, one), other);
        return answers(parse, changed) || isEmptyBatch(changed);
      }),
      { numRuns: 1500 },
    );
  });

  it('answers to a text of JSON nested without end', () => {
    const nested = JSON.parse(
      `${'{"Type":"Notification","TopicArn":"t","Message":'.repeat(3000)}""${'}'.repeat(3000)}`,
    );
    expect(answers(parse, nested)).toBe(true);
  });
});

/** Nothing in, nothing out: a batch, or a webhook, of no records. */
function isEmptyBatch(event: unknown): boolean {
  const batch: { Records?: unknown; alerts?: unknown } = Object(event);
  return [batch.Records, batch.alerts].some((list) => Array.isArray(list) && list.length === 0);
}
