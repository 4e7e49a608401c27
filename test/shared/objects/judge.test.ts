// What is decided about a key from what both sides show, with the sentence that says why; and that no side is the first one.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noAttributes, type ObjectVersion, type Origin } from '../../../shared/model/replica.ts';
import type { KeyHistory, SideEvidence, ToldDeath } from '../../../shared/objects/evidence.ts';
import { judge, type KeyCase, type Verdict } from '../../../shared/objects/judge.ts';
import { writeStamp } from '../../../shared/objects/stamp.ts';
import type { CarryingLimits } from '../../../shared/ports/object-bucket.ts';

const nowMillis = Date.parse('2026-11-25T12:00:00.000Z');
const seconds = (count: number) => nowMillis - 600_000 + count * 1000;
const carries: CarryingLimits = {
  maxMetadataBytes: 2048,
  metadataNames: 'token',
  tags: { kind: 'native', max: 10, maxNameChars: 128, maxValueChars: 256 },
  maxKeyBytes: 1024,
  refusedKeys: [{ pattern: /^refused/, because: 'that name is taken' }],
};
const traits = { carries, maxObjectBytes: 1000, versioned: true };

function native(name: string, second: number, more: Partial<ObjectVersion> = {}): ObjectVersion {
  return {
    key: 'key',
    version: name,
    tag: name,
    revision: 1,
    sizeBytes: 5,
    crc32c: Buffer.from(name.padEnd(4).slice(0, 4)).toString('base64'),
    md5: null,
    modifiedMillis: seconds(second),
    attributes: { ...noAttributes, metadata: { name } },
    stamp: null,
    ...more,
  };
}

/** Of a version of the other site. */
function replica(of: ObjectVersion, site: string, second: number): ObjectVersion {
  const origin: Origin = { site, version: of.version, timeMillis: of.modifiedMillis };
  const stamp = writeStamp(origin, seconds(second), { ...of, crc32c: of.crc32c ?? '' });
  return { ...of, version: `r-${of.version}`, tag: `r-${of.version}`, modifiedMillis: seconds(second), stamp };
}

const present = (site: string, object: ObjectVersion, more: Partial<SideEvidence> = {}): SideEvidence => ({
  site,
  traits,
  look: { kind: 'present', object },
  history: null,
  tombstone: null,
  ...more,
});
const absent = (
  site: string,
  deleted: boolean | 'unknown' = 'unknown',
  more: Partial<SideEvidence> = {},
): SideEvidence => ({
  site,
  traits,
  look: { kind: 'absent', deleted },
  history: null,
  tombstone: null,
  ...more,
});
const none = { history: { versions: [], deaths: [], whole: true }, tombstone: 'none' } as const;
const judged = (one: SideEvidence, other: SideEvidence, more: Partial<KeyCase> = {}): Verdict =>
  judge({ key: 'key', sides: [one, other], told: [], doubted: null, nowMillis, freshSeconds: 60, ...more });

const a1 = native('a1', 10);
const g1 = native('g1', 20);

describe('both sides have it', () => {
  it('does nothing for one version on both sides', () => {
    expect(judged(present('aws', a1), present('gcp', replica(a1, 'aws', 11)))).toEqual({
      kind: 'nothing',
      because: 'both sides have the version of aws at 2026-11-25T11:50:10.000Z',
    });
  });

  it('does nothing for equal bytes and attributes, whoever wrote them', () => {
    const same = { ...a1, version: 'other', tag: 'other', modifiedMillis: seconds(99) };
    expect(judged(present('aws', a1), present('gcp', same))).toEqual({
      kind: 'nothing',
      because: 'both sides have the same bytes and attributes, whoever wrote them',
    });
  });

  it('overwrites what is only old', () => {
    const a2 = native('a2', 30);
    expect(judged(present('aws', a2), present('gcp', replica(a1, 'aws', 11)))).toEqual({
      kind: 'copy',
      from: 'aws',
      to: 'gcp',
      condition: { kind: 'tag', tag: 'r-a1', revision: 1 },
      keepAside: false,
      because: 'aws at 2026-11-25T11:50:30.000Z is later than what gcp has',
    });
  });

  it('asks whether the winner had seen what it would overwrite', () => {
    expect(judged(present('aws', a1), present('gcp', g1))).toEqual({
      kind: 'ask',
      what: 'history',
      at: 'gcp',
      because: 'whether gcp had seen what aws has is in its history',
    });
  });

  it('keeps aside what the winner had not seen', () => {
    expect(judged(present('aws', a1), present('gcp', g1, none))).toMatchObject({
      kind: 'copy',
      from: 'gcp',
      keepAside: true,
      because:
        "both sides were written and neither had seen the other's: that of gcp at 2026-11-25T11:50:20.000Z is later, that of aws is kept aside",
    });
  });

  it('keeps nothing aside that the winner was written over', () => {
    const history = { versions: [g1, replica(a1, 'aws', 11)], deaths: [], whole: true };
    expect(judged(present('aws', a1), present('gcp', g1, { ...none, history }))).toMatchObject({
      kind: 'copy',
      keepAside: false,
    });
  });

  it('writes no bytes where only attributes differ', () => {
    const retagged = { ...a1, attributes: { ...a1.attributes, tags: { team: 'video' } } };
    expect(judged(present('aws', retagged), present('gcp', replica(a1, 'aws', 11)))).toEqual({
      kind: 'restamp',
      from: 'aws',
      to: 'gcp',
      keepAside: false,
      because: 'gcp has the bytes of aws at 2026-11-25T11:50:10.000Z, and other attributes or tags',
    });
  });

  it('lets a death that a replay had undone be one, when an event tells of it', () => {
    const died = replica(a1, 'aws', 11);
    const told: ToldDeath = { site: 'gcp', by: 'event', timeMillis: seconds(12), of: null, version: null };
    const history = { versions: [died], deaths: [{ timeMillis: seconds(12), of: died }], whole: true };
    expect(
      judged(present('aws', a1), present('gcp', replica(a1, 'aws', 40), { ...none, history }), { told: [told] }),
    ).toMatchObject({
      kind: 'remove',
      at: 'aws',
      keepAside: false,
      because: 'the history of gcp shows that it was deleted there, and a late copy had brought it back',
    });
  });

  it('asks the side to which a copy took long whether the key had been there and was deleted', () => {
    const back = replica(a1, 'aws', 40);
    const before = { ...replica(a1, 'aws', 11), version: 'r0' };
    const sides = (deaths: { timeMillis: number; of: ObjectVersion }[]) =>
      [
        present('aws', a1),
        present('gcp', back, { ...none, history: { versions: [back, before], deaths, whole: true } }),
      ] as const;
    expect(judged(present('aws', a1), present('gcp', back), { doubted: 'gcp' }).kind).toBe('ask');
    expect(judged(...sides([{ timeMillis: seconds(12), of: before }]), { doubted: 'gcp' }).kind).toBe('remove');
    expect(judged(...sides([]), { doubted: 'gcp' }).kind).toBe('nothing');
  });

  it('lets the deletion of what was overwritten delete nothing', () => {
    const a2 = native('a2', 30);
    const told: ToldDeath = {
      site: 'gcp',
      by: 'event',
      timeMillis: seconds(31),
      of: { site: 'aws', version: 'a1', timeMillis: seconds(10) },
      version: 'r-a1',
    };
    expect(judged(present('aws', a2), present('gcp', replica(a2, 'aws', 31), none), { told: [told] }).kind).toBe(
      'nothing',
    );
  });
});

describe('one side has it', () => {
  it('copies a new object without asking for anything', () => {
    const fresh = native('a9', 590);
    expect(judged(present('aws', fresh), absent('gcp'))).toEqual({
      kind: 'copy',
      from: 'aws',
      to: 'gcp',
      condition: { kind: 'absent' },
      keepAside: false,
      because: 'only aws has it, and nothing says that gcp deleted it',
    });
  });

  it('asks of an older one whether it was deleted: the tombstone first, then the history', () => {
    expect(judged(present('aws', a1), absent('gcp'))).toMatchObject({
      kind: 'ask',
      what: 'tombstone',
      at: 'gcp',
      because: 'whether gcp has deleted it',
    });
    expect(judged(present('aws', a1), absent('gcp', 'unknown', { tombstone: 'none' }))).toMatchObject({
      kind: 'ask',
      what: 'history',
      at: 'gcp',
    });
    expect(judged(present('aws', a1), absent('gcp', 'unknown', none)).kind).toBe('copy');
    expect(judged(present('aws', a1), absent('gcp', false)).kind).toBe('copy');
  });

  it('removes what was deleted on the other side', () => {
    const history = { versions: [], deaths: [{ timeMillis: seconds(50), of: replica(a1, 'aws', 11) }], whole: true };
    expect(judged(present('aws', a1), absent('gcp', true, { ...none, history }))).toEqual({
      kind: 'remove',
      at: 'aws',
      death: { site: 'aws', version: 'a1', timeMillis: seconds(10) },
      keepAside: false,
      because: 'the history of gcp shows that it was deleted there',
    });
  });

  it('lets a deletion end nothing that who deleted it had not seen, whatever the clocks say', () => {
    const deaths = [{ timeMillis: seconds(50), of: g1 }];
    const unseen = { versions: [g1], deaths, whole: true };
    expect(judged(present('aws', a1), absent('gcp', true, { ...none, history: unseen })).kind).toBe('copy');
    const late = native('a2', 30);
    const seen = { versions: [g1, replica(late, 'aws', 12)], deaths, whole: true };
    expect(judged(present('aws', late), absent('gcp', true, { ...none, history: seen }))).toMatchObject({
      kind: 'remove',
      death: { site: 'aws', version: 'a2' },
      keepAside: false,
    });
  });

  it('goes by the clocks where the history does not reach back to what was seen', () => {
    const history = { versions: [g1], deaths: [{ timeMillis: seconds(50), of: g1 }], whole: false };
    expect(judged(present('aws', a1), absent('gcp', true, { ...none, history }))).toMatchObject({
      kind: 'remove',
      keepAside: true,
    });
    const later = native('a2', 30);
    expect(judged(present('aws', later), absent('gcp', true, { ...none, history })).kind).toBe('copy');
  });

  it('ends what was seen, overwritten and then deleted, when a replay had brought it back', () => {
    const told: ToldDeath = { site: 'gcp', by: 'event', timeMillis: seconds(50), of: null, version: 'g1' };
    const back = replica(a1, 'aws', 55);
    const versions = [back, g1, { ...replica(a1, 'aws', 11), version: 'r0' }];
    const history = { versions, deaths: [{ timeMillis: seconds(50), of: g1 }], whole: true };
    const bring = (more: Partial<KeyHistory>) =>
      judged(present('aws', a1), present('gcp', back, { ...none, history: { ...history, ...more } }), { told: [told] });
    expect(bring({})).toMatchObject({ kind: 'remove', at: 'aws', keepAside: false });
    // What came after the deletion alone is a copy like any other.
    expect(bring({ versions: versions.slice(0, 2) }).kind).toBe('nothing');
  });

  it('lets a late deletion kill nothing that was written since', () => {
    const a2 = native('a2', 30);
    const history = { versions: [], deaths: [{ timeMillis: seconds(50), of: replica(a1, 'aws', 11) }], whole: true };
    expect(judged(present('aws', a2), absent('gcp', true, { ...none, history })).kind).toBe('copy');
  });

  it('keeps aside what dies by a deletion of which nobody knows the version', () => {
    const told: ToldDeath = { site: 'gcp', by: 'event', timeMillis: seconds(50), of: null, version: null };
    expect(judged(present('aws', a1), absent('gcp', 'unknown', none), { told: [told] })).toMatchObject({
      kind: 'remove',
      keepAside: true,
      because: 'an event says that it was deleted at gcp; it was not the version that is at aws, which is kept aside',
    });
  });

  it('takes a removal of its own for nobody’s wish', () => {
    const removed = replica(a1, 'aws', 11);
    const tombstone = {
      format: 1 as const,
      death: { site: 'aws', version: 'a0', timeMillis: seconds(10) },
      removed: [{ version: removed.version, atMillis: seconds(50) }],
    };
    const history = { versions: [], deaths: [{ timeMillis: seconds(50), of: removed }], whole: true };
    expect(judged(present('aws', a1), absent('gcp', true, { tombstone, history })).kind).toBe('copy');
  });

  it('takes a side that has lost what both had for a deleter', () => {
    const told: ToldDeath = {
      site: 'gcp',
      by: 'baseline',
      timeMillis: 0,
      of: { site: 'aws', version: 'a1', timeMillis: seconds(10) },
      version: null,
    };
    expect(judged(present('aws', a1), absent('gcp', 'unknown', none), { told: [told] })).toMatchObject({
      kind: 'remove',
      keepAside: false,
      because: 'it was on both sides when they were last compared, and is no longer at gcp',
    });
  });

  it('never copies a replica back to the site that it came from', () => {
    const orphan = replica(a1, 'aws', 11);
    expect(judged(present('gcp', orphan), absent('aws', 'unknown', none))).toMatchObject({
      kind: 'ask',
      what: 'tombstone',
      at: 'gcp',
    });
    expect(judged(present('gcp', orphan, { tombstone: 'none' }), absent('aws', 'unknown', none))).toEqual({
      kind: 'refuse',
      reason: 'origin-lost',
      because:
        'gcp has a replica of aws at 2026-11-25T11:50:10.000Z, and aws has neither the version nor anything that says how it went',
    });
    const tombstone = {
      format: 1 as const,
      death: { site: 'aws', version: 'a1', timeMillis: seconds(10) },
      removed: [],
    };
    expect(judged(present('gcp', orphan, { tombstone }), absent('aws', 'unknown', none))).toMatchObject({
      kind: 'remove',
      at: 'gcp',
      because: 'its tombstone at gcp says that it is dead',
    });
  });

  it('says what the other side cannot take', () => {
    const huge = native('huge', 590, { sizeBytes: 1001 });
    expect(judged(present('aws', huge), absent('gcp'))).toEqual({
      kind: 'refuse',
      reason: 'uncarriable',
      because: 'gcp cannot take it: it has 1001 bytes, and 1000 is the limit',
    });
    const refused = native('x', 590, { key: 'refused' });
    expect(judged(present('aws', refused), absent('gcp'))).toMatchObject({
      because: 'gcp cannot take it: that name is taken',
    });
  });
});

describe('any case', () => {
  it('is judged the same whichever side is named first', () => {
    const versions = [a1, g1, native('x', 20), native('y', 30), native('z', 590)];
    const object = (site: string, other: string) =>
      fc.oneof(
        fc.constantFrom(...versions),
        fc.constantFrom(...versions).map((one) => replica(one, other, 40)),
        fc.constantFrom(...versions).map((one) => replica(one, site, 40)),
      );
    const side = (site: string, other: string) =>
      fc
        .record({
          object: fc.option(object(site, other), { freq: 3 }),
          deleted: fc.constantFrom<boolean | 'unknown'>(true, false, 'unknown'),
          died: fc.option(object(site, other)),
          read: fc.boolean(),
        })
        .map(({ object: live, deleted, died, read }): SideEvidence => {
          const deaths = died ? [{ timeMillis: seconds(50), of: died }] : [];
          const known = read
            ? { tombstone: 'none' as const, history: { versions: died ? [died] : [], deaths, whole: true } }
            : {};
          return live ? present(site, live, known) : absent(site, deleted, known);
        });
    fc.assert(
      fc.property(side('aws', 'gcp'), side('gcp', 'aws'), fc.constantFrom(0, 60), (one, other, freshSeconds) => {
        const verdict = judged(one, other, { freshSeconds });
        expect(judged(other, one, { freshSeconds })).toEqual(verdict);
        expect(verdict.because.length).toBeGreaterThan(10);
      }),
      { seed: 7, numRuns: 3000 },
    );
  });

  it('below .causeway/ is nobody’s to replicate', () => {
    expect(judged(present('aws', a1), absent('gcp'), { key: '.causeway/tombstones/key' }).kind).toBe('nothing');
  });
});
