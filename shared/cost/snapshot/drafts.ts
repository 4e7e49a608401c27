// What runs left behind that ended in the middle of a day.
import type { Provider } from '../../model/site.ts';
import type { ObjectBucket } from '../../ports/object-bucket.ts';
import { draftPrefix } from './keys.ts';

/** Longer than any run, and than two clocks differ. */
const draftLifeMillis = 2 * 86_400_000;

export async function clearDrafts(bucket: ObjectBucket, provider: Provider, now: Date): Promise<void> {
  const beforeMillis = now.getTime() - draftLifeMillis;
  for await (const page of bucket.list(draftPrefix(provider), null)) {
    for (const { key } of page.filter(({ modifiedMillis }) => modifiedMillis < beforeMillis)) {
      const look = await bucket.look(key);
      if (look.kind === 'present') await bucket.remove(look.object);
    }
  }
}
