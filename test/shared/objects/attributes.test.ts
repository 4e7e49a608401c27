// What travels beside the bytes: compared by what it means, and carried as far as the other side can take it.
import { describe, expect, it } from 'vitest';
import { noAttributes, type ObjectAttributes } from '../../../shared/model/replica.ts';
import { carry, sameAttributes, sameForm, uncarriable } from '../../../shared/objects/attributes.ts';
import type { CarryingLimits } from '../../../shared/ports/object-bucket.ts';

const s3: CarryingLimits = {
  maxMetadataBytes: 2048,
  metadataNames: 'token',
  tags: { kind: 'native', max: 2, maxNameChars: 10, maxValueChars: 20 },
  maxKeyBytes: 1024,
  refusedKeys: [],
};
const gcs: CarryingLimits = { ...s3, maxMetadataBytes: 8192, metadataNames: 'any', tags: { kind: 'in-metadata' } };
const withMetadata = (metadata: Record<string, string>): ObjectAttributes => ({ ...noAttributes, metadata });

describe('attributes', () => {
  it.each<[string, Partial<ObjectAttributes>, Partial<ObjectAttributes>]>([
    ['what each service says where no type was given', { contentType: 'binary/octet-stream' }, { contentType: null }],
    ['the other one’s word for that', { contentType: 'application/octet-stream' }, { contentType: null }],
    ['an empty header and none', { cacheControl: '' }, { cacheControl: null }],
    ['spaces around a value', { metadata: { a: ' b ' } }, { metadata: { a: 'b' } }],
    ['names in capitals', { metadata: { Colour: 'b' } }, { metadata: { colour: 'b' } }],
    ['Causeway’s own entries', { metadata: { 'causeway-stamp': 'x', 'causeway-tags': 'y' } }, {}],
    ['the class where it is stored', { storageClass: 'archive' }, { storageClass: 'standard' }],
  ])('mean the same with %s', (_, one, other) => {
    expect(sameForm({ ...noAttributes, ...one })).toBe(sameForm({ ...noAttributes, ...other }));
  });

  it.each<[string, Partial<ObjectAttributes>]>([
    ['type', { contentType: 'text/html' }],
    ['encoding', { contentEncoding: 'gzip' }],
    ['disposition', { contentDisposition: 'attachment' }],
    ['language', { contentLanguage: 'de' }],
    ['cache control', { cacheControl: 'no-store' }],
    ['metadata', { metadata: { a: 'b' } }],
    ['tags', { tags: { a: 'b' } }],
  ])('differ by their %s', (_, change) => {
    expect(sameForm({ ...noAttributes, ...change })).not.toBe(sameForm(noAttributes));
  });

  it('are the same when one side could not carry more of the other’s', () => {
    const full = withMetadata({ small: '1', huge: 'x'.repeat(3000), 'a name': '2' });
    const { attributes } = carry(full, s3);
    expect(sameForm(attributes)).not.toBe(sameForm(full));
    expect(sameAttributes(full, attributes, [gcs, s3])).toBe(true);
    expect(sameAttributes(attributes, full, [s3, gcs])).toBe(true);
    expect(sameAttributes(full, withMetadata({ small: '2' }), [gcs, s3])).toBe(false);
  });
});

describe('what a destination cannot carry', () => {
  it('is left, and said in words', () => {
    const { attributes, left } = carry(
      {
        ...withMetadata({ 'a name': '1', fits: '2', zzz: 'x'.repeat(2000) }),
        tags: { team: 'video', 'a name that is long': 'x', odd: 'a*b', b: '1', c: '2' },
      },
      s3,
    );
    expect(attributes.metadata).toEqual({ fits: '2' });
    expect(attributes.tags).toEqual({ b: '1', c: '2' });
    expect(left).toEqual([
      'tag "a name that is long": 10 characters of name and 20 of value are the limit',
      'tag "odd": 2 tags is the limit',
      'tag "team": 2 tags is the limit',
      'metadata "a name": the name cannot be a header\'s',
      'metadata "zzz": 2003 bytes, and 1787 of 2048 are left',
    ]);
  });

  it('is nothing where all of it fits, tags in the metadata included', () => {
    const all = { ...withMetadata({ 'a name': 'Ü' }), tags: { a: '*' } };
    expect(carry(all, gcs)).toEqual({ attributes: all, left: [] });
  });

  it('is a header that is not ASCII, and the object travels without it', () => {
    const named = { ...noAttributes, contentDisposition: 'attachment; filename="Übersicht.pdf"', contentType: 'a/b' };
    const { attributes, left } = carry(named, s3);
    expect(attributes).toEqual({ ...named, contentDisposition: null });
    expect(left).toEqual(['contentDisposition "attachment; filename=\\"Übersicht.pdf\\"": a header is ASCII']);
    expect(carry(named, gcs)).toEqual({ attributes: named, left: [] });
    expect(sameAttributes(named, attributes, [gcs, s3])).toBe(true);
  });

  it('counts bytes of UTF-8, and what is already taken', () => {
    const { left } = carry(withMetadata({ a: 'ü'.repeat(600), b: 'ü'.repeat(600) }), s3);
    expect(left).toEqual(['metadata "b": 1201 bytes, and 591 of 2048 are left']);
  });

  it('is a key or a size that the service refuses', () => {
    const limits = {
      carries: { ...s3, refusedKeys: [{ pattern: /^\.$/, because: 'a dot is no name' }] },
      maxObjectBytes: 10,
    };
    expect(uncarriable('k'.repeat(1024), 10, limits)).toBeNull();
    expect(uncarriable('ü'.repeat(513), 10, limits)).toBe('its key has 1026 bytes, and 1024 is the limit');
    expect(uncarriable('.', 10, limits)).toBe('a dot is no name');
    expect(uncarriable('k', 11, limits)).toBe('it has 11 bytes, and 10 is the limit');
  });
});
