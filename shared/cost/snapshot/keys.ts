// What is kept where in a cost bucket. Each site's bucket has the same keys.
import type { CostDate } from '../../model/cost.ts';
import type { Provider } from '../../model/site.ts';

const home = 'cost/v1';
/** Enough that two states of one day never share a name, and a person can still read it. */
const digestChars = 12;

/** What is kept of a day: `CostDay`. */
export function dayKey(provider: Provider, date: CostDate): string {
  return `${folderOf(provider, date)}/day.json`;
}

/** The rows of one state of a day, named by what is in them: written twice is written once. */
export function rowsKey(provider: Provider, date: CostDate, digest: string): string {
  return `${folderOf(provider, date)}/rows-${digest.slice(0, digestChars)}.ndjson.gz`;
}

/** How the snapshots of a provider are: `CostState`. */
export function stateKey(provider: Provider): string {
  return `${home}/${provider}/state.json`;
}

/** Rows on their way, before their name is known. What a run left behind here is nobody's. */
export function draftPrefix(provider: Provider): string {
  return `${home}/${provider}/drafts/`;
}

function folderOf(provider: Provider, date: CostDate): string {
  return `${home}/${provider}/${date.replaceAll('-', '/')}`;
}
