// Multipart uploads of a bucket: their parts, and the rules by which S3 puts them together.
import { joinBodies } from './bodies.ts';
import { type ChecksumAlgorithm, combineChecksums, digestOf } from './checksums.ts';
import type { S3Bucket } from './s3-bucket.ts';
import type { Described, S3Content } from './s3-content.ts';
import type { Upload } from './s3-upload.ts';
import { bare, invalidRequest, S3Error } from './s3-wire.ts';

export type Part = Upload & { number: number; at: Date };

export type S3Upload = {
  id: string;
  bucket: S3Bucket;
  key: string;
  described: Described;
  /** Null: the client named none, and S3 makes its own over the whole object. */
  algorithm: ChecksumAlgorithm | null;
  type: 'FULL_OBJECT' | 'COMPOSITE';
  initiated: Date;
  /** The bucket's count of changes when it began. */
  began: number;
  parts: Map<number, Part>;
};

/** What CompleteMultipartUpload says of a part; the checksum is null where the client did not say it. */
export type ListedPart = { number: number; etag: string; checksum: string | null };

export type S3Uploads = {
  begin(upload: Omit<S3Upload, 'id' | 'parts' | 'began'>): S3Upload;
  /** Throws NoSuchUpload. */
  find(bucket: S3Bucket, key: string, id: string | null): S3Upload;
  /** Takes the place of a part of the same number. */
  add(upload: S3Upload, part: Part): void;
  /** Forgets the upload, its parts with it. */
  end(upload: S3Upload): void;
  /** By key, then by time of beginning. */
  of(bucket: S3Bucket): S3Upload[];
};

export function createS3Uploads(): S3Uploads {
  const uploads = new Map<string, S3Upload>();
  let begun = 0;
  return {
    begin: (made) => {
      const upload = {
        ...made,
        id: `upload-${String(++begun).padStart(8, '0')}`,
        began: made.bucket.changes(),
        parts: new Map(),
      };
      uploads.set(upload.id, upload);
      return upload;
    },
    find: (bucket, key, id) => {
      const upload = uploads.get(id ?? '');
      if (upload && upload.bucket === bucket && upload.key === key) return upload;
      const message =
        'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.';
      throw new S3Error(404, 'NoSuchUpload', message, { UploadId: id ?? '' });
    },
    add: (upload, part) => {
      const before = upload.parts.get(part.number);
      if (before) upload.bucket.bodies.release(before.body);
      upload.parts.set(part.number, part);
    },
    end: (upload) => {
      uploads.delete(upload.id);
      for (const { body } of upload.parts.values()) upload.bucket.bodies.release(body);
      upload.parts.clear();
    },
    of: (bucket) => [...uploads.values()].filter((upload) => upload.bucket === bucket),
  };
}

/** The listed parts as they are here, in their order. Throws as the service does for what does not fit. */
export function chosenParts(upload: S3Upload, listed: readonly ListedPart[], minimumPartBytes: number): Part[] {
  const parts = listed.map(({ number, etag, checksum }, place) => {
    if (place > 0 && number <= (listed[place - 1]?.number ?? 0)) {
      throw new S3Error(
        400,
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
        {
          UploadId: upload.id,
        },
      );
    }
    if (upload.type === 'COMPOSITE' && upload.algorithm !== null && checksum === null) {
      throw invalidRequest(
        `The upload was created using a ${upload.algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      );
    }
    const part = upload.parts.get(number);
    const fits = part && part.md5 === bare(etag) && (checksum === null || checksum === part.checksum.value);
    if (part && fits) return part;
    const message =
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
    throw new S3Error(400, 'InvalidPart', message, {
      UploadId: upload.id,
      PartNumber: String(number),
      ETag: bare(etag),
    });
  });
  const small = parts.slice(0, -1).find(({ body }) => body.sizeBytes < minimumPartBytes);
  if (small) {
    throw new S3Error(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
      ProposedSize: String(small.body.sizeBytes),
      MinSizeAllowed: String(minimumPartBytes),
      PartNumber: String(small.number),
      ETag: small.md5,
    });
  }
  return parts;
}

/** The object that the parts make. It is dated by the beginning of its upload, as S3 dates it. */
export function assembled(upload: S3Upload, parts: readonly Part[]): S3Content {
  const joined = digestOf('md5', Buffer.concat(parts.map(({ md5 }) => Buffer.from(md5, 'hex'))));
  return {
    ...upload.described,
    body: upload.bucket.bodies.retain(joinBodies(parts.map(({ body }) => body))),
    md5: null,
    etag: `"${joined.toString('hex')}-${parts.length}"`,
    checksum: { ...checksumOfParts(upload, parts), type: upload.type },
    partSizesBytes: parts.map(({ body }) => body.sizeBytes),
    lastModified: upload.initiated,
  };
}

function checksumOfParts(upload: S3Upload, parts: readonly Part[]): { algorithm: ChecksumAlgorithm; value: string } {
  const algorithm = upload.algorithm ?? 'crc64nvme';
  const pieces = parts.map(({ own, body }) => ({ value: own.value, sizeBytes: body.sizeBytes }));
  const whole = upload.type === 'FULL_OBJECT' ? combineChecksums(algorithm, pieces) : null;
  if (whole !== null) return { algorithm, value: whole };
  const values = Buffer.concat(pieces.map(({ value }) => Buffer.from(value, 'base64')));
  return { algorithm, value: `${digestOf(algorithm, values).toString('base64')}-${parts.length}` };
}
