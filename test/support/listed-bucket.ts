// A bucket that can be listed, and refuses all else: for what must decide from listings alone.
import type { ObjectBucket } from '../../shared/ports/object-bucket.ts';

const not = (): never => {
  throw new Error('this bucket is only listed');
};

export function onlyListed(name: string): Omit<ObjectBucket, 'list'> {
  return {
    name,
    traits: not,
    look: not,
    history: not,
    fetch: not,
    read: not,
    write: not,
    begin: not,
    writePart: not,
    parts: not,
    complete: not,
    abort: not,
    restamp: not,
    keepAside: not,
    remove: not,
  };
}
