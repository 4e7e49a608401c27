// A process of its own with the stand-ins of S3 and Cloud Storage, which counts the requests that are made of them.
import { createInterface } from 'node:readline';
import { startGcsStandin } from '../../../infra/local/standins/gcs.ts';
import { startS3Standin } from '../../../infra/local/standins/s3.ts';

const [, , keepIn = '', ...destinations] = process.argv;
let requests = 0;
const count = () => {
  requests += 1;
  return null;
};
const host = '127.0.0.1';
const s3 = await startS3Standin({
  host,
  port: 0,
  keepIn,
  faults: count,
  buckets: [{ name: 'source', versioned: true }],
});
const gcs = await startGcsStandin({
  host,
  port: 0,
  keepIn,
  faults: count,
  buckets: destinations.map((name) => ({ name, versioned: true })),
});
console.log(JSON.stringify({ s3: s3.url, gcs: gcs.url }));
// Each line on standard input asks for the requests since the last one; its end is ours.
for await (const _line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ requests }));
  requests = 0;
}
process.exit(0);
