// The entry points that are deployed: every file of a cloud's functions folder.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export type Entry = { name: string; path: string };

export const clouds = ['aws', 'gcp'] as const;

/** Sorted by name; the path is absolute. */
export function entriesOf(cloud: (typeof clouds)[number]): Entry[] {
  const folder = `${root}${cloud}/functions`;
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.ts'.length), path: `${folder}/${file}` }));
}
