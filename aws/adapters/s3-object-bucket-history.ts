// What S3 remembers of a key: its versions and delete markers, in their order.

import { Readable } from 'node:stream';
import {
  type DeleteMarkerEntry,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from '@aws-sdk/client-s3';
import type { ObjectVersion } from '../../shared/model/replica.ts';
import type { RecordedDeath } from '../../shared/ports/object-bucket.ts';
import { callS3, type S3Bucket } from './s3-object-bucket-call.ts';
import { decodeListedKey } from './s3-object-bucket-list.ts';
import { lookAtVersion } from './s3-object-bucket-look.ts';

type Entry = { versionId: string; timeMillis: number; marker: boolean };

/** The newest first. A delete marker's death is that of the version below it. */
export async function historyOf(
  bucket: S3Bucket,
  key: string,
  limit: number,
): Promise<{ versions: ObjectVersion[]; deaths: RecordedDeath[] }> {
  const entries = await entriesOf(bucket, key, limit);
  const versions = await Promise.all(
    entries.map(({ marker, versionId }) => (marker ? null : lookAtVersion(bucket, key, versionId))),
  );
  const deaths = entries.flatMap(({ marker, timeMillis }, index) =>
    marker ? [{ timeMillis, of: versions[index + 1] ?? null }] : [],
  );
  return { versions: versions.filter((each) => each !== null), deaths };
}

async function entriesOf(bucket: S3Bucket, key: string, limit: number): Promise<Entry[]> {
  const entries: Entry[] = [];
  let after: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (;;) {
    const { page, order } = await versionsPage(bucket, key, { ...after, MaxKeys: limit - entries.length });
    entries.push(...ordered(page, key, order));
    const { NextKeyMarker: next, NextVersionIdMarker: version } = page;
    // The key itself comes before all others that begin with it.
    const ends =
      !page.IsTruncated ||
      next === undefined ||
      decodeListedKey(next, page.EncodingType) !== key ||
      entries.length >= limit;
    if (ends) return entries;
    after = { KeyMarker: key, ...(version === undefined ? {} : { VersionIdMarker: version }) };
  }
}

function ordered(page: ListObjectVersionsCommandOutput, key: string, order: readonly string[]): Entry[] {
  const read = (marker: boolean, each: DeleteMarkerEntry) => {
    const { VersionId: versionId = 'null', LastModified: at } = each;
    return decodeListedKey(each.Key ?? '', page.EncodingType) === key
      ? [{ versionId, timeMillis: at?.getTime() ?? 0, marker }]
      : [];
  };
  const entries = [
    ...(page.Versions ?? []).flatMap((each) => read(false, each)),
    ...(page.DeleteMarkers ?? []).flatMap((each) => read(true, each)),
  ];
  return entries.sort((one, other) => order.indexOf(one.versionId) - order.indexOf(other.versionId));
}

/**
 * S3 lists versions and delete markers in one order, and tells whole seconds; the SDK hands them on in two lists. The order is read from
 * the answer itself, on its way.
 */
async function versionsPage(
  bucket: S3Bucket,
  key: string,
  more: { MaxKeys: number; KeyMarker?: string; VersionIdMarker?: string },
): Promise<{ page: ListObjectVersionsCommandOutput; order: string[] }> {
  const order: string[] = [];
  const command = new ListObjectVersionsCommand({ Bucket: bucket.bucket, Prefix: key, EncodingType: 'url', ...more });
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (typeof response !== 'object' || response === null || !('body' in response)) return result;
      if (!(response.body instanceof Readable)) return result;
      const pieces: Uint8Array[] = [];
      for await (const piece of response.body) pieces.push(Buffer.from(piece));
      const body = Buffer.concat(pieces);
      for (const [, versionId = ''] of body.toString('utf8').matchAll(/<VersionId>([^<]*)<\/VersionId>/g)) {
        order.push(versionId);
      }
      Object.assign(response, { body: Readable.from([body]) });
      return result;
    },
    // Nearest to the wire: the answer has not been read yet.
    { step: 'deserialize', priority: 'low', name: 'orderOfVersions' },
  );
  const page = await callS3(bucket, `reading the history of ${key}`, bucket.callTimeoutSeconds, (options) =>
    bucket.client.send(command, options),
  );
  return { page, order };
}
