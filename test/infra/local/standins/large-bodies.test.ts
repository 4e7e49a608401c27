// Large bodies in kept buckets: in files, streamed in and out, shared by what is made of them, and removed with the last of them.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHasher } from '../../../../infra/local/standins/checksums.ts';
import { startGcsStandin } from '../../../../infra/local/standins/gcs.ts';
import type { Fault, HttpServer } from '../../../../infra/local/standins/http.ts';
import { startS3Standin } from '../../../../infra/local/standins/s3.ts';

const mib = 1024 * 1024;
let directory: string;
let standin: HttpServer;
let client: S3Client;
let fault: Fault | null;

async function open(): Promise<void> {
  standin = await startS3Standin({
    host: '127.0.0.1',
    port: 0,
    buckets: [{ name: 'kept' }],
    keepIn: directory,
    faults: () => fault,
  });
  client = new S3Client({
    region: 'us-east-1',
    endpoint: standin.url,
    forcePathStyle: true,
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
}
async function close(): Promise<void> {
  client.destroy();
  await standin.close();
}
beforeEach(async () => {
  fault = null;
  directory = mkdtempSync(join(tmpdir(), 'causeway-large-'));
  await open();
});
afterEach(async () => {
  await close();
  rmSync(directory, { recursive: true, force: true });
});

const files = () => readdirSync(join(directory, 'kept.s3.bodies'));
const command = { Bucket: 'kept' };
const get = async (Key: string) => (await client.send(new GetObjectCommand({ ...command, Key }))).Body;
const remove = (Key: string) => client.send(new DeleteObjectCommand({ ...command, Key }));
async function digestOf(stream: unknown): Promise<string> {
  if (!(stream instanceof Readable)) throw new Error('no stream');
  const hasher = createHasher('sha256');
  for await (const chunk of stream) hasher.update(chunk);
  return hasher.digest().toString('hex');
}
/** `count` pieces of a MiB, each made when it is asked for. */
function* pieces(count: number): Generator<Buffer> {
  for (let piece = 0; piece < count; piece += 1) yield Buffer.alloc(mib, `piece ${piece} `);
}
function digestOfPieces(count: number): string {
  const hasher = createHasher('sha256');
  for (const piece of pieces(count)) hasher.update(piece);
  return hasher.digest().toString('hex');
}

it('lie in files, come back with the bucket, and go when they are overwritten or removed', async () => {
  const put = (Key: string, count: number) =>
    client.send(
      new PutObjectCommand({ ...command, Key, Body: Readable.from(pieces(count)), ContentLength: count * mib }),
    );
  await put('large', 5);
  await put('large', 3);
  expect(files()).toHaveLength(1);
  await close();
  await open();
  expect(await digestOf(await get('large'))).toBe(digestOfPieces(3));
  await remove('large');
  expect(files()).toEqual([]);
});

it('are shared by the object that their parts make and by its copies, until the last is removed', async () => {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...command, Key: 'whole' }));
  const Parts = [];
  for (const [place, Body] of [Buffer.alloc(5 * mib, 'a'), Buffer.alloc(mib, 'b')].entries()) {
    const PartNumber = place + 1;
    const { ETag } = await client.send(new UploadPartCommand({ ...command, Key: 'whole', UploadId, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await client.send(
    new CompleteMultipartUploadCommand({ ...command, Key: 'whole', UploadId, MultipartUpload: { Parts } }),
  );
  expect(files()).toHaveLength(2);
  await client.send(new CopyObjectCommand({ ...command, Key: 'copy', CopySource: 'kept/whole' }));
  await remove('whole');
  const expected = createHasher('sha256');
  expected.update(Buffer.alloc(5 * mib, 'a'));
  expected.update(Buffer.alloc(mib, 'b'));
  expect(await digestOf(await get('copy'))).toBe(expected.digest().toString('hex'));
  await remove('copy');
  expect(files()).toEqual([]);
});

it('go on to be read by whoever has begun, though their object is removed', async () => {
  const body = await client
    .send(new PutObjectCommand({ ...command, Key: 'read', Body: Readable.from(pieces(40)), ContentLength: 40 * mib }))
    .then(() => get('read'));
  await remove('read');
  expect(await digestOf(body)).toBe(digestOfPieces(40));
  await expect.poll(files).toEqual([]);
});

it('leave nothing behind when their upload breaks off', async () => {
  const { port } = standin;
  const headers = { authorization: 'AWS4-HMAC-SHA256 local', 'content-length': 9 * mib };
  const request = httpRequest({ host: '127.0.0.1', port, path: '/kept/never', method: 'PUT', headers });
  const ended = new Promise((resolve) => request.on('error', resolve));
  for (const piece of pieces(3)) request.write(piece);
  await expect.poll(files).toHaveLength(1);
  request.destroy();
  await ended;
  await expect.poll(files).toEqual([]);
});

it('can be cut off or spoiled on their way out, whatever their headers say', async () => {
  await client.send(new PutObjectCommand({ ...command, Key: 'sent', Body: Buffer.alloc(3 * mib, 'x') }));
  const read = () => fetchBytes('sent');
  fault = { kind: 'cut-answer', afterBytes: mib + 1 };
  await expect(read()).rejects.toThrow();
  fault = { kind: 'spoil-answer', atByte: 2 * mib };
  const spoiled = await read();
  expect([spoiled.length, spoiled.findIndex((byte) => byte !== 120)]).toEqual([3 * mib, 2 * mib]);
});

/** The bytes as they arrive: with nobody who checks them. */
async function fetchBytes(Key: string): Promise<Buffer> {
  const answer = await fetch(`${standin.url}/kept/${Key}`, { headers: { authorization: 'AWS4-HMAC-SHA256 local' } });
  return Buffer.from(await answer.arrayBuffer());
}

it('of Cloud Storage are as large as a session makes them, and come back with the bucket', async () => {
  const start = () => startGcsStandin({ host: '127.0.0.1', port: 0, buckets: [{ name: 'kept' }], keepIn: directory });
  const gcs = await start();
  const headers = { authorization: 'Bearer local' };
  const session = await fetch(`${gcs.url}/upload/storage/v1/b/kept/o?uploadType=resumable&name=large`, {
    method: 'POST',
    headers,
  });
  const address = session.headers.get('location') ?? '';
  for (const [place, body] of [...pieces(4)].entries()) {
    const range = `bytes ${place * mib}-${(place + 1) * mib - 1}/${4 * mib}`;
    const answer = await fetch(address, { method: 'PUT', headers: { 'content-range': range }, body });
    expect(answer.status).toBe(place === 3 ? 200 : 308);
  }
  await gcs.close();
  const again = await start();
  const media = await fetch(`${again.url}/storage/v1/b/kept/o/large?alt=media`, { headers });
  const hasher = createHasher('sha256');
  hasher.update(Buffer.from(await media.arrayBuffer()));
  expect(hasher.digest().toString('hex')).toBe(digestOfPieces(4));
  await fetch(`${again.url}/storage/v1/b/kept/o/large`, { method: 'DELETE', headers });
  expect(readdirSync(join(directory, 'kept.gcs.bodies'))).toEqual([]);
  await again.close();
});
