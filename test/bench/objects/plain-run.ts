// A process of its own that only moves the bytes: one GET and one POST for each object, nothing looked at, nothing compared.
import { Agent, type IncomingMessage, request } from 'node:http';
import { createSlots } from '../../../shared/objects/slots.ts';
import { openEnds, readWay } from './open.ts';

const [, , s3 = '', gcs = '', told = '', destination = '', prefix = ''] = process.argv;
const way = readWay(told);
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const slots = createSlots(16);
const { source } = await openEnds({ s3, gcs }, way, destination);
const usage = process.cpuUsage();
const began = performance.now();
for await (const page of source.bucket.list(prefix, null)) {
  await Promise.all(page.map(({ key, sizeBytes }) => slots.run(() => copy(key, sizeBytes))));
}
const { user, system } = process.cpuUsage(usage);
const tookSeconds = (performance.now() - began) / 1000;
console.log(JSON.stringify({ tookSeconds, cpuSeconds: (user + system) / 1e6, seconds: [] }));
process.exit(0);

async function copy(key: string, sizeBytes: number): Promise<void> {
  const name = encodeURIComponent(key);
  const calls =
    way === 's3'
      ? {
          from: `${s3}/source/${key}`,
          to: `${gcs}/upload/storage/v1/b/${destination}/o?uploadType=media&name=${name}`,
          method: 'POST',
        }
      : { from: `${gcs}/storage/v1/b/source/o/${name}?alt=media`, to: `${s3}/${destination}/${key}`, method: 'PUT' };
  const authorizationAt = (url: string) => (url.startsWith(s3) ? 'AWS4-HMAC-SHA256 local' : 'Bearer local');
  const got = await answerOf(
    request(calls.from, { agent, headers: { authorization: authorizationAt(calls.from) } }).end(),
  );
  const headers = {
    authorization: authorizationAt(calls.to),
    'content-length': sizeBytes,
    'content-type': 'text/plain',
  };
  const answer = await answerOf(got.pipe(request(calls.to, { agent, method: calls.method, headers })));
  answer.resume();
  await new Promise((resolve) => answer.once('end', resolve));
}

function answerOf(call: ReturnType<typeof request>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.once('error', reject);
    call.once('response', (answer) => {
      if (answer.statusCode === 200) resolve(answer);
      else reject(new Error(`answered ${answer.statusCode}`));
    });
  });
}
