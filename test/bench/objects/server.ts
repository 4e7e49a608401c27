// A process of its own with the stand-in of S3 or of Cloud Storage, which counts the requests that are made of it.
import { createInterface } from 'node:readline';
import { startGcsStandin } from '../../../infra/local/standins/gcs.ts';
import { startS3Standin } from '../../../infra/local/standins/s3.ts';

const [, , kind = '', keepIn = '', ...names] = process.argv;
let requests = 0;
const count = () => {
  requests += 1;
  return null;
};
const buckets = names.map((name) => ({ name, versioned: true }));
const start = kind === 's3' ? startS3Standin : startGcsStandin;
const { url } = await start({ host: '127.0.0.1', port: 0, keepIn, faults: count, buckets });
console.log(JSON.stringify({ url }));
// Each line on standard input asks for the requests since the last one; its end is ours.
for await (const _line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ requests }));
  requests = 0;
}
process.exit(0);
