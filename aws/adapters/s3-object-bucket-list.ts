// Listings of S3: pages of live objects, with keys that XML cannot carry.
import { ListObjectsV2Command, type _Object as S3Listed } from '@aws-sdk/client-s3';
import type { ListedObject } from '../../shared/model/replica.ts';
import { callS3, type S3Bucket } from './s3-object-bucket-call.ts';

/** S3 lists in the byte order of the keys' UTF-8. A listing tells neither versions nor checksums nor metadata. */
export async function* listObjects(
  bucket: S3Bucket,
  prefix: string,
  startAfter: string | null,
): AsyncGenerator<ListedObject[]> {
  let token: string | undefined;
  do {
    const page = await callS3(bucket, `listing ${prefix || 'everything'}`, bucket.callTimeoutSeconds, (options) =>
      bucket.client.send(
        new ListObjectsV2Command({
          Bucket: bucket.bucket,
          Prefix: prefix,
          // Some characters of keys cannot stand in XML.
          EncodingType: 'url',
          ...(token !== undefined
            ? { ContinuationToken: token }
            : startAfter !== null
              ? { StartAfter: startAfter }
              : {}),
        }),
        options,
      ),
    );
    const found = (page.Contents ?? []).map((entry) => listed(entry, page.EncodingType));
    if (found.length > 0) yield found;
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

function listed(entry: S3Listed, encoding: string | undefined): ListedObject {
  return {
    key: decodeListedKey(entry.Key ?? '', encoding),
    tag: entry.ETag ?? '',
    version: null,
    revision: null,
    sizeBytes: entry.Size ?? 0,
    crc32c: null,
    modifiedMillis: entry.LastModified?.getTime() ?? 0,
    stamp: null,
  };
}

/** `encoding` is what the answer says of itself: not every store that speaks S3's API encodes where it is asked to. */
export function decodeListedKey(key: string, encoding: string | undefined): string {
  return encoding === 'url' ? decodeURIComponent(key.replaceAll('+', ' ')) : key;
}
