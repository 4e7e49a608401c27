// A look at an S3 object and its bytes in one request: the answer to GET tells all that the one to HEAD does.
import type { ObjectFetch } from '../../shared/ports/object-bucket.ts';
import { arriving } from '../../shared/streams/incoming.ts';
import { callS3, type S3Bucket } from './s3-object-bucket-call.ts';
import { wordsOfHeaders } from './s3-object-bucket-headers.ts';
import { notThere, withChecksums, withTags } from './s3-object-bucket-look.ts';
import { cutOff } from './s3-object-bucket-write.ts';

export async function fetchObject(bucket: S3Bucket, key: string): Promise<ObjectFetch> {
  const answer = await callS3(
    bucket,
    `reading ${key}`,
    bucket.callTimeoutSeconds,
    (options) => bucket.wire({ method: 'GET', key, headers: withChecksums }, options),
    // What is archived can be looked at all the same.
    (failure) => (failure.name === 'InvalidObjectState' ? ({ kind: 'unsure' } as const) : notThere(failure)),
  );
  if ('kind' in answer) return answer.kind === 'unsure' ? answer : { kind: 'absent', deleted: answer.deleted };
  const words = wordsOfHeaders(answer.headers);
  const sizeBytes = words.ContentLength;
  const body = arriving(answer.body, {
    sizeBytes,
    stallSeconds: bucket.stallSeconds,
    failed: cutOff(bucket, `reading ${key}`, sizeBytes),
  });
  try {
    const found = await withTags(bucket, key, null, words);
    if (found.kind === 'there') return { kind: 'present', object: found.object, body };
  } catch (failure) {
    body.drop();
    throw failure;
  }
  body.drop();
  return { kind: 'unsure' };
}
