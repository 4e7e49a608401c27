// What vendors really sent, as others have published it: each file has its row, and none may throw.
// The payloads are not part of the project; without their folder this says that it skips.
import { describe, expect, it } from 'vitest';
import { parseAwsEvent } from '../../../aws/events/aws-event.ts';
import { parseGcpEvent } from '../../../gcp/events/gcp-event.ts';
import { parseAlertmanager } from '../../../shared/events/alertmanager.ts';
import type { Signal } from '../../../shared/model/signal.ts';
import { payload, payloadFiles, payloadsArePresent } from '../../fixtures/folder.ts';
import { context, events, noEvents, type Row } from '../../fixtures/published-payloads.ts';
import { Parsed } from './parsed-schema.ts';

if (!payloadsArePresent) console.log('skipped: the folder ../shared/fixtures with published payloads is not there');

function parse(to: Row['to'], event: unknown) {
  if (to === 'aws') return parseAwsEvent(event, context);
  if (to === 'gcp') return parseGcpEvent(event, context);
  const request = { authorization: 'Bearer s', body: event };
  return parseAlertmanager(request, context, { secret: 's', ground: 'elsewhere' });
}

function inShort(signal: Signal): string {
  switch (signal.kind) {
    case 'health':
      return `health ${signal.health}`;
    case 'lag':
      return `lag ${signal.lagSeconds} ${signal.breached}`;
    case 'context':
      return `context ${signal.site}`;
    case 'alert':
      return `alert ${signal.firing}`;
    case 'tick':
      return 'tick';
  }
}

describe.skipIf(!payloadsArePresent)('the published payloads', () => {
  const files = payloadFiles();

  it('have a row each, and each row has its file', () => {
    expect([...Object.keys(events), ...noEvents].sort()).toEqual(files);
  });

  it.each(Object.entries(events))('%s gives what its row says', (file, row) => {
    const event = row.take ? row.take(payload(file)) : payload(file);
    const { signals, rejections } = Parsed.parse(parse(row.to, event));
    expect([...signals.map(inShort), ...rejections.map((each) => each.reason)]).toEqual(row.expect);
  });

  it.each(noEvents)('%s is no event, and no dispatcher takes it for one', (file) => {
    for (const to of ['aws', 'gcp'] as const) {
      const { signals, rejections } = Parsed.parse(parse(to, payload(file)));
      expect(signals).toEqual([]);
      expect(rejections.length).toBeGreaterThan(0);
    }
  });

  it('throw in neither dispatcher, as they are', () => {
    for (const file of files) {
      for (const to of ['aws', 'gcp', 'alertmanager'] as const) Parsed.parse(parse(to, payload(file)));
    }
  });
});
