// The register as nobody in the estate can see it: at once, without asking, and without changing anything.
import { Cell, sameBallot } from '../../../shared/authority/ballot.ts';
import { RegisterValue } from '../../../shared/authority/register-value.ts';
import { Situation } from '../../../shared/model/situation.ts';
import type { FakeBucket } from '../fake-object-store.ts';

/** The situation that a majority holds; while none does, the last that one held. */
export function viewRegister(buckets: FakeBucket[], key: string): () => Situation {
  const majority = Math.floor(buckets.length / 2) + 1;
  let seen: unknown[] = [];
  let last: Situation | null = null;
  return () => {
    const objects = buckets.map((bucket) => bucket.objects.get(key));
    if (objects.some((object, index) => object !== seen[index])) {
      seen = objects;
      const cells = objects.flatMap((object) => (object ? [Cell.parse(JSON.parse(object.body))] : []));
      const held = cells.find(
        (one) =>
          one.accepted !== null && cells.filter((other) => sameBallot(one.accepted, other.accepted)).length >= majority,
      );
      if (held) last = Situation.parse(RegisterValue.parse(held.value).value);
    }
    if (!last) throw new Error('the register of the estate was never written');
    return last;
  };
}
