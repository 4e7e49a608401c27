// A process of its own that replicates what lies below a prefix, one key after another as events would name them, sixteen at once.
import { systemClock } from '../../../shared/engine/system.ts';
import { defaultLimits, defaultRoomBytes, replicateKey } from '../../../shared/objects/replicate.ts';
import { createRoom, createSlots } from '../../../shared/objects/slots.ts';
import { openEnds, readWay } from './open.ts';

const [, , s3 = '', gcs = '', way = '', to = '', prefix = ''] = process.argv;
const { source, destination } = await openEnds({ s3, gcs }, readWay(way), to);
const sides = [source, destination] as const;
const options = { clock: systemClock, limits: defaultLimits, room: createRoom(defaultRoomBytes), freshSeconds: 3600 };
const slots = createSlots(16);
const seconds: number[] = [];
const usage = process.cpuUsage();
const began = performance.now();
for await (const page of source.bucket.list(prefix, null)) {
  await Promise.all(
    page.map(({ key }) =>
      slots.run(async () => {
        const from = performance.now();
        await replicate(key);
        seconds.push((performance.now() - from) / 1000);
      }),
    ),
  );
}
const { user, system } = process.cpuUsage(usage);
const tookSeconds = (performance.now() - began) / 1000;
console.log(
  JSON.stringify({ tookSeconds, cpuSeconds: (user + system) / 1e6, seconds: seconds.length <= 20_000 ? seconds : [] }),
);
process.exit(0);

/** What does not work is tried again, as its event would bring it again; a socket that the server has just closed is such a thing. */
async function replicate(key: string): Promise<void> {
  for (let tried = 0; ; tried += 1) {
    const again = tried > 0;
    const work = { key, sides, heard: null, agreed: null, again, untilSeconds: Number.POSITIVE_INFINITY };
    const outcome = await replicateKey(work, options);
    if (outcome.kind === 'done' && (again || outcome.what === 'copied')) return;
    if (outcome.kind !== 'transient' || tried === 5) throw new Error(`${key}: ${outcome.because}`);
  }
}
