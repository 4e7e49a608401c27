// Stamps: believed of what they were written for, and of nothing else.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noAttributes, type ObjectVersion, type Origin } from '../../../shared/model/replica.ts';
import { identify, writeStamp } from '../../../shared/objects/stamp.ts';

const minute = 60_000;
const origin: Origin = { site: 'aws-site', version: 'a/b "c" é', timeMillis: 1_764_000_000_000 };
const stampedMillis = 1_764_000_100_000;
const plain: ObjectVersion = {
  key: 'a/key',
  version: '17',
  tag: '17',
  revision: 1,
  sizeBytes: 5,
  crc32c: '4waSgw==',
  md5: null,
  modifiedMillis: stampedMillis + 200,
  attributes: { ...noAttributes, contentType: 'text/plain', metadata: { colour: 'blue' } },
  stamp: null,
};
const replica: ObjectVersion = { ...plain, stamp: writeStamp(origin, stampedMillis, { ...plain, crc32c: '4waSgw==' }) };

describe('a stamp', () => {
  it('says of which version an object is a replica', () => {
    expect(identify(replica, 'gcp-site')).toEqual({ origin, native: false });
  });

  it('fits, with names of everyday length, into what is kept free for it', () => {
    expect(replica.stamp?.length).toBeLessThan(256);
    expect(replica.stamp).toMatch(/^[\x21-\x7e ]+$/);
  });

  it('reads back any origin that it was written with', () => {
    const any = fc.record({
      site: fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/),
      version: fc.string({ unit: 'grapheme', minLength: 1 }),
      timeMillis: fc.nat(),
    });
    fc.assert(
      fc.property(any, (one) => {
        const stamp = writeStamp(one, stampedMillis, { ...plain, crc32c: '4waSgw==' });
        expect(identify({ ...plain, stamp }, 'gcp-site').origin).toEqual(one);
      }),
      { seed: 5 },
    );
  });

  it.each<[string, Partial<ObjectVersion>]>([
    ['a copy under another key', { key: 'another' }],
    ['other bytes below old metadata', { crc32c: 'AAAAAA==' }],
    ['another size', { sizeBytes: 6 }],
    ['bytes whose checksum nobody tells', { crc32c: null }],
    ['a changed content type', { attributes: { ...plain.attributes, contentType: 'text/html' } }],
    ['a changed entry of the metadata', { attributes: { ...plain.attributes, metadata: { colour: 'red' } } }],
    ['a tag that was added', { attributes: { ...plain.attributes, tags: { a: 'b' } } }],
    ['a stamp that was tampered with', { stamp: (replica.stamp ?? '').replace('aws-site', 'gcp-site') }],
    ['a stamp in another form', { stamp: '2 gcp-site 1 v 1 digest' }],
    ['no stamp at all', { stamp: 'nonsense' }],
    ['a version that was brought back long after', { modifiedMillis: stampedMillis + 6 * minute }],
  ])('is not believed of %s: that is a user’s own', (_, change) => {
    const changed = { ...replica, ...change };
    expect(identify(changed, 'gcp-site')).toEqual({
      origin: { site: 'gcp-site', version: '17', timeMillis: changed.modifiedMillis },
      native: true,
    });
  });

  it('is believed though something changed that does not travel', () => {
    const moved: ObjectVersion = {
      ...replica,
      revision: 2,
      modifiedMillis: stampedMillis + 900 * minute,
      attributes: { ...replica.attributes, storageClass: 'archive' },
    };
    expect(identify(moved, 'gcp-site').native).toBe(false);
  });

  it('is believed of what came in parts for as long as an upload may take', () => {
    const large = { ...plain, sizeBytes: 50_000_000_000 };
    const stamp = writeStamp(origin, stampedMillis, { ...large, crc32c: '4waSgw==' });
    expect(identify({ ...large, stamp, modifiedMillis: stampedMillis + 600 * minute }, 'gcp-site').native).toBe(false);
  });
});

describe('a native version', () => {
  it('is another one when its attributes were changed in place', () => {
    expect(identify({ ...plain, revision: 3 }, 'gcp-site').origin.version).toBe('17/3');
  });
});
