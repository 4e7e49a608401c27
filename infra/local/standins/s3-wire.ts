// How S3 writes on the wire: its XML, its errors, and uploads framed as aws-chunked with checksums in the trailer.
import { createHash } from 'node:crypto';
import { type ChecksumAlgorithm, checksumAlgorithms, checksumOf, md5Of } from './checksums.ts';
import { type HttpRequest, headerOf } from './http.ts';

/** An error answer of S3; `fields` are further elements of its XML, such as Condition or Key. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  readonly code: string;
  readonly fields: Record<string, string>;
  constructor(status: number, code: string, message: string, fields: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
  }
}

export function errorXml(error: S3Error, requestId: string): string {
  const fields = Object.entries(error.fields).map(([name, value]) => element(name, value));
  return document(
    `<Error>${element('Code', error.code)}${element('Message', error.message)}${fields.join('')}${element('RequestId', requestId)}${element('HostId', 'standin')}</Error>`,
  );
}

export function document(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${content}`;
}

export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\r/g, '&#13;');
}

/** `encoding-type=url`: percent-encoded, but for a slash, and a plus for a space. */
export function urlEncoded(key: string): string {
  return encodeURIComponent(key).replace(/%2F/g, '/').replace(/%20/g, '+');
}

export type Upload = { body: Buffer; checksum: { algorithm: ChecksumAlgorithm; value: string } };

/** The object's bytes, unframed, with every length and checksum that the client sent verified. Throws S3Error. */
export function readUpload(request: HttpRequest): Upload {
  const sent = headerOf(request, 'x-amz-content-sha256');
  const framed = sent?.startsWith('STREAMING-') === true;
  const { body, trailers } = framed
    ? unframe(request.body)
    : { body: request.body, trailers: new Map<string, string>() };
  const announced = headerOf(request, 'x-amz-decoded-content-length');
  if (framed && announced !== String(body.length)) {
    throw new S3Error(400, 'IncompleteBody', `The request body is ${body.length} bytes and announced ${announced}.`);
  }
  if (sent !== null && /^[0-9a-f]{64}$/.test(sent) && sent !== createHash('sha256').update(body).digest('hex')) {
    throw new S3Error(
      400,
      'XAmzContentSHA256Mismatch',
      'The provided x-amz-content-sha256 does not match what was computed.',
    );
  }
  const md5 = headerOf(request, 'content-md5');
  if (md5 !== null && md5 !== md5Of(body).toString('base64')) {
    throw new S3Error(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const value = (name: string) => headerOf(request, name) ?? trailers.get(name) ?? null;
  for (const promised of (headerOf(request, 'x-amz-trailer') ?? '').split(',')) {
    if (promised.trim() !== '' && !trailers.has(promised.trim())) {
      throw new S3Error(
        400,
        'MalformedTrailerError',
        `The request announced the trailer ${promised} and did not send it.`,
      );
    }
  }
  for (const algorithm of checksumAlgorithms) {
    const given = value(`x-amz-checksum-${algorithm}`);
    if (given === null) continue;
    if (given !== checksumOf(algorithm, body)) {
      throw new S3Error(
        400,
        'BadDigest',
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      );
    }
    return { body, checksum: { algorithm, value: given } };
  }
  return { body, checksum: { algorithm: 'crc64nvme', value: checksumOf('crc64nvme', body) } };
}

/** aws-chunked: `<hex>[;chunk-signature=...]\r\n<bytes>\r\n`, a chunk of 0, then trailers and an empty line. */
function unframe(framed: Buffer): { body: Buffer; trailers: Map<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = lineAt(framed, at);
    const size = Number.parseInt(line.split(';')[0] ?? '', 16);
    if (Number.isNaN(size))
      throw new S3Error(400, 'InvalidRequest', `A chunk begins with "${line}", not with its size.`);
    at += Buffer.byteLength(line) + 2;
    if (size === 0) return { body: Buffer.concat(chunks), trailers: trailersAt(framed, at) };
    if (framed.length < at + size + 2) throw new S3Error(400, 'IncompleteBody', 'The last chunk is cut short.');
    chunks.push(framed.subarray(at, at + size));
    at += size + 2;
  }
}

function trailersAt(framed: Buffer, start: number): Map<string, string> {
  const trailers = new Map<string, string>();
  for (const line of framed.subarray(start).toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return trailers;
}

function lineAt(framed: Buffer, start: number): string {
  const end = framed.indexOf('\r\n', start);
  if (end < 0) throw new S3Error(400, 'IncompleteBody', 'A chunk has no size line.');
  return framed.subarray(start, end).toString('latin1');
}
