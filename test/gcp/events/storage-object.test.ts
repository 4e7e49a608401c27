// Storage events on Google Cloud by each way that they come, and what Google has published.
import { describe, expect, it } from 'vitest';
import { hearStorageEvent } from '../../../gcp/events/storage-object.ts';
import { payload, payloadsArePresent } from '../../fixtures/folder.ts';
import { gcsCloudEvent, gcsNotification, gcsResource } from '../../fixtures/storage-events.ts';

const hint = {
  bucket: 'assets-gcp',
  key: 'a.txt',
  kind: 'written',
  version: '1772618400123456',
  sequencer: null,
  timeMillis: Date.parse('2026-03-04T10:00:01.500Z'),
  of: { key: 'a.txt', version: '1772618400123456', revision: 1, sizeBytes: 3, crc32c: 'z8SuHQ==' },
};

const { data, ...head } = gcsCloudEvent('finalized');
const binary = Object.fromEntries(Object.entries(head).map(([name, value]) => [`ce-${name}`, value]));
const pushed = { message: gcsNotification('OBJECT_FINALIZE'), subscription: 'projects/p/subscriptions/s' };
const kindOf = (event: unknown) => {
  const heard = hearStorageEvent(event);
  return heard.kind === 'hint' ? heard.hint.kind : heard.kind;
};

describe('the finalization of an object', () => {
  it.each([
    ['as a CloudEvent', gcsCloudEvent('finalized')],
    ['as a CloudEvent whose data is a text', { ...gcsCloudEvent('finalized'), data: JSON.stringify(data) }],
    ['over HTTP in structured form', { headers: {}, body: gcsCloudEvent('finalized') }],
    ['over HTTP in binary form', { headers: binary, body: JSON.stringify(data) }],
    ['pushed by Pub/Sub', { headers: {}, body: pushed }],
    ['as the body of a push', pushed],
    [
      'as a message in a CloudEvent',
      { ...gcsCloudEvent('x'), type: 'google.cloud.pubsub.topic.v1.messagePublished', data: pushed },
    ],
    ['as a bare message', gcsNotification('OBJECT_FINALIZE')],
    [
      'as the event of the first generation',
      { context: { eventType: 'google.storage.object.finalize', timestamp: '2026-03-04T10:00:01.5Z' }, data },
    ],
  ])('%s is the same hint', (_, event) => {
    expect(hearStorageEvent(event)).toMatchObject({ kind: 'hint', hint });
  });

  it('without its resource is a hint all the same', () => {
    const message = gcsNotification('OBJECT_FINALIZE', {}, null);
    expect(hearStorageEvent({ message })).toEqual({ kind: 'hint', hint: { ...hint, of: null } });
  });

  it('may have numbers where others have texts', () => {
    const resource = gcsResource({ generation: 96883251, metageneration: 2, size: 0 });
    expect(hearStorageEvent(gcsCloudEvent('finalized', resource))).toMatchObject({
      hint: { version: '96883251', of: { revision: 2, sizeBytes: 0 } },
    });
  });
});

it.each([
  ['finalized', 'OBJECT_FINALIZE', 'written'],
  ['deleted', 'OBJECT_DELETE', 'deleted'],
  ['archived', 'OBJECT_ARCHIVE', 'deleted'],
  ['metadataUpdated', 'OBJECT_METADATA_UPDATE', 'attributes'],
])('%s and %s are %s', (what, eventType, kind) => {
  expect(kindOf(gcsCloudEvent(what))).toBe(kind);
  expect(kindOf({ message: gcsNotification(eventType) })).toBe(kind);
});

it.each(['OBJECT_DELETE', 'OBJECT_ARCHIVE'])('%s of what was overwritten deletes nothing', (eventType) => {
  const message = gcsNotification(eventType, { overwrittenByGeneration: '1772618400999999' });
  expect(hearStorageEvent({ message })).toEqual({
    kind: 'ignored',
    because: expect.stringContaining('overwritten by generation 1772618400999999'),
  });
});

it('an overwriting finalization is a hint like any other', () => {
  expect(kindOf({ message: gcsNotification('OBJECT_FINALIZE', { overwroteGeneration: '1' }) })).toBe('written');
});

it.each([
  ['plain text', 'hello'],
  ['nothing', null],
  ['a message of somebody else', { message: { data: 'e30=', messageId: '1', attributes: { a: 'b' } } }],
  ['another CloudEvent', { ...gcsCloudEvent('finalized'), type: 'google.cloud.audit.log.v1.written' }],
  ['a storage event that is new', gcsCloudEvent('painted')],
  ['an event without a name', gcsCloudEvent('deleted', gcsResource({ name: undefined }))],
  ['an event without a time', { ...gcsCloudEvent('deleted', gcsResource({ updated: undefined })), time: undefined }],
])('%s is rejected with its reason', (_, event) => {
  const record = typeof event === 'string' ? event : JSON.stringify(event);
  expect(hearStorageEvent(event)).toEqual({ kind: 'rejected', because: expect.stringMatching(/.{20}/), record });
});

if (!payloadsArePresent) console.log('skipped: the folder ../shared/fixtures with published payloads is not there');
describe.skipIf(!payloadsArePresent)('what Google has published', () => {
  it.each([
    ['gcs-cloudevent-structured.json', 'written'],
    ['gcs-pubsub-finalize-real.json', 'written'],
    ['gcp-pubsub-cloudevent-structured.json', 'rejected'],
    ['gcp-pubsub-published-binary.json', 'rejected'],
    ['gcp-pubsub-published-simple.json', 'rejected'],
    ['gcp-pubsub-published-text.json', 'rejected'],
    ['pubsub-push-raw-body.json', 'rejected'],
  ])('%s is %s', (file, kind) => {
    expect(kindOf(payload(file))).toBe(kind);
  });

  it.each(['gcs-object-data-simple.json', 'gcs-object-data-complex.json'])('%s is the data of an event', (file) => {
    const resource = payload(file);
    const { name, bucket } = Object(resource);
    expect(hearStorageEvent(gcsCloudEvent('deleted', resource))).toMatchObject({
      hint: { key: name, bucket, kind: 'deleted', of: { key: name } },
    });
  });
});
