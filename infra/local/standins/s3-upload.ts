// The bytes of an upload to S3: taken out of their aws-chunked frames, stored as they come, every length and checksum verified.
import type { BodyStore, StoredBody } from './bodies.ts';
import { type ChecksumAlgorithm, checksumAlgorithms, createHasher } from './checksums.ts';
import { type HttpStreamRequest, headerOf } from './http-server.ts';
import { S3Error } from './s3-wire.ts';

export type Upload = {
  body: StoredBody;
  /** Hexadecimal. */
  md5: string;
  checksum: { algorithm: ChecksumAlgorithm; value: string };
  /** By the algorithm that S3 uses for itself here; the same when the client used it, too. */
  own: { algorithm: ChecksumAlgorithm; value: string };
};

const largestBytes = 5 * 1024 ** 3;

/** The client's checksum is verified; S3's own is made beside it, and instead where it sent none. Throws S3Error, and keeps nothing then. */
export async function receiveUpload(
  request: HttpStreamRequest,
  bodies: BodyStore,
  ownAlgorithm: ChecksumAlgorithm = 'crc64nvme',
): Promise<Upload> {
  const sent = headerOf(request, 'x-amz-content-sha256');
  const framed = sent?.startsWith('STREAMING-') === true;
  const announced = headerOf(request, framed ? 'x-amz-decoded-content-length' : 'content-length');
  if (announced === null && !framed && headerOf(request, 'transfer-encoding') !== null) {
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (Number(announced ?? 0) > largestBytes) {
    throw new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      ProposedSize: String(announced),
      MaxSizeAllowed: String(largestBytes),
    });
  }
  const promised = (headerOf(request, 'x-amz-trailer') ?? '').split(',').map((name) => name.trim());
  const given =
    checksumAlgorithms.find((each) => headerOf(request, nameOf(each)) !== null || promised.includes(nameOf(each))) ??
    null;
  const md5 = createHasher('md5');
  const checksum = createHasher(given ?? ownAlgorithm);
  const own = given === null || given === ownAlgorithm ? null : createHasher(ownAlgorithm);
  const sha256 = sent !== null && /^[0-9a-f]{64}$/.test(sent) ? createHasher('sha256') : null;
  const hashers = [md5, checksum, own, sha256].filter((hasher) => hasher !== null);
  const trailers = new Map<string, string>();
  const body = await bodies.receive(framed ? unframe(request.stream, trailers) : request.stream, (chunk) => {
    for (const hasher of hashers) hasher.update(chunk);
  });
  const digest = md5.digest();
  const value = checksum.digest().toString('base64');
  const trouble =
    framed && announced !== String(body.sizeBytes)
      ? new S3Error(400, 'IncompleteBody', `The request body is ${body.sizeBytes} bytes and announced ${announced}.`)
      : wrongDigest(request, trailers, promised, {
          sha256: sha256?.digest().toString('hex') ?? null,
          md5: digest.toString('base64'),
          checksum: given === null ? null : { algorithm: given, value },
        });
  if (trouble !== null) {
    bodies.release(body);
    throw trouble;
  }
  return {
    body,
    md5: digest.toString('hex'),
    checksum: { algorithm: given ?? ownAlgorithm, value },
    own: { algorithm: ownAlgorithm, value: own?.digest().toString('base64') ?? value },
  };
}

function nameOf(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm}`;
}

function wrongDigest(
  request: HttpStreamRequest,
  trailers: Map<string, string>,
  promised: string[],
  made: { sha256: string | null; md5: string; checksum: { algorithm: ChecksumAlgorithm; value: string } | null },
): S3Error | null {
  if (made.sha256 !== null && made.sha256 !== headerOf(request, 'x-amz-content-sha256')) {
    const message = 'The provided x-amz-content-sha256 does not match what was computed.';
    return new S3Error(400, 'XAmzContentSHA256Mismatch', message);
  }
  const md5 = headerOf(request, 'content-md5');
  if (md5 !== null && md5 !== made.md5) {
    return new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const missing = promised.find((name) => name !== '' && !trailers.has(name));
  if (missing !== undefined) {
    const message = `The request announced the trailer ${missing} and did not send it.`;
    return new S3Error(400, 'MalformedTrailerError', message);
  }
  if (made.checksum === null) return null;
  const { algorithm, value } = made.checksum;
  const given = headerOf(request, nameOf(algorithm)) ?? trailers.get(nameOf(algorithm));
  if (given === value) return null;
  const message = `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`;
  return new S3Error(400, 'BadDigest', message);
}

/** aws-chunked: `<hex>[;chunk-signature=...]\r\n<bytes>\r\n`, a chunk of 0, then trailers and an empty line. */
async function* unframe(stream: AsyncIterable<Buffer>, trailers: Map<string, string>): AsyncGenerator<Buffer> {
  let waiting: Buffer = Buffer.alloc(0);
  // Bytes of the open chunk that have not come yet, its closing CRLF among them; null between chunks.
  let open: number | null = null;
  let ended = false;
  for await (const piece of stream) {
    waiting = waiting.length === 0 ? piece : Buffer.concat([waiting, piece]);
    while (!ended) {
      if (open !== null) {
        const bytes = waiting.subarray(0, Math.max(0, Math.min(open - 2, waiting.length)));
        if (bytes.length > 0) yield bytes;
        const taken = Math.min(open, waiting.length);
        waiting = waiting.subarray(taken);
        open -= taken;
        if (open > 0) break;
        open = null;
      }
      const end = waiting.indexOf('\r\n');
      if (end < 0) break;
      const line = waiting.subarray(0, end).toString('latin1');
      const size = Number.parseInt(line.split(';')[0] ?? '', 16);
      if (Number.isNaN(size)) {
        throw new S3Error(400, 'InvalidRequest', `A chunk begins with "${line}", not with its size.`);
      }
      waiting = waiting.subarray(end + 2);
      if (size === 0) ended = true;
      else open = size + 2;
    }
  }
  if (!ended) throw new S3Error(400, 'IncompleteBody', 'The last chunk is cut short.');
  for (const line of waiting.toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}
