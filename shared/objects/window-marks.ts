// How far each tier's windows have been done, in the store beside the site: a tick that was skipped is made up for by the next.
import * as z from 'zod';
import type { SiteName } from '../model/site.ts';
import type { ObjectStore } from '../ports/object-store.ts';

/** By `pair/tier`: the end of the newest window whose keys were all taken, in milliseconds since 1970. */
const Marks = z.record(z.string(), z.int());
export type Marks = z.infer<typeof Marks>;

export type WindowMarks = {
  read(): Promise<Marks>;
  /** Marks only rise, whoever else writes them; what is lost is done once more. */
  raise(marks: Marks): Promise<void>;
};

export function createWindowMarks(store: ObjectStore, site: SiteName): WindowMarks {
  const key = `.causeway/windows/${site}.json`;
  const get = async () => {
    const found = await store.get(key);
    return { marks: found ? parse(found.body, key, store.name) : {}, version: found?.version ?? null };
  };
  return {
    read: async () => (await get()).marks,
    async raise(raised) {
      const { marks, version } = await get();
      const next = { ...marks };
      for (const [name, end] of Object.entries(raised)) next[name] = Math.max(end, marks[name] ?? 0);
      // A lost race is another tick that has done the same windows.
      await store.put(key, JSON.stringify(next), {
        condition: version === null ? { kind: 'absent' } : { kind: 'version', version },
        contentType: 'application/json',
        cacheControl: null,
      });
    },
  };
}

function parse(body: string, key: string, store: string): Marks {
  try {
    return Marks.parse(JSON.parse(body));
  } catch (cause) {
    throw new Error(`${store}: ${key} does not hold what a tick writes; remove it, and every tier is done once`, {
      cause,
    });
  }
}
