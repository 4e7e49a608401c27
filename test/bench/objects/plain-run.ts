// A process of its own that only moves the bytes: one GET and one POST for each object, nothing looked at, nothing compared.
import { Agent, type IncomingMessage, request } from 'node:http';
import { createSlots } from '../../../shared/objects/slots.ts';
import { openEnds } from './open.ts';

const [, , s3 = '', gcs = '', destination = '', prefix = ''] = process.argv;
const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const slots = createSlots(16);
const { left } = await openEnds({ s3, gcs }, destination);
const began = performance.now();
for await (const page of left.list(prefix, null)) {
  await Promise.all(page.map(({ key, sizeBytes }) => slots.run(() => copy(key, sizeBytes))));
}
console.log(JSON.stringify({ tookSeconds: (performance.now() - began) / 1000, seconds: [] }));
process.exit(0);

async function copy(key: string, sizeBytes: number): Promise<void> {
  const source = await answerOf(
    request(`${s3}/source/${key}`, { agent, headers: { authorization: 'AWS4-HMAC-SHA256 local' } }).end(),
  );
  const url = `${gcs}/upload/storage/v1/b/${destination}/o?uploadType=media&name=${encodeURIComponent(key)}`;
  const headers = { authorization: 'Bearer local', 'content-length': sizeBytes, 'content-type': 'text/plain' };
  const answer = await answerOf(source.pipe(request(url, { agent, method: 'POST', headers })));
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
