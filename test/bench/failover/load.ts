// The load of a round: connections that write as fast as they are answered, to the node that takes their writes.
import { type DatabaseTarget, openPool, runQuery } from '../../../infra/local/app/query.ts';
import { createClosing } from '../../../infra/local/closing.ts';
import type { DirectWrite } from '../../../infra/local/load/records.ts';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import type { NodeName } from './contestant.ts';

export type Load = { records(): readonly DirectWrite[]; close(): Promise<void> };

const timeoutSeconds = 2;
/** A node that refuses is asked again after this long, so that refusals do not become the load. */
const restSeconds = 0.1;

/** Each connection writes to the first node until it is refused, then to the other, and so on, as a driver with two hosts does. */
export function startLoad(nodes: Record<NodeName, DatabaseTarget>, connections: number): Load {
  const records: DirectWrite[] = [];
  const closing = createClosing();
  const run = systemChance.id();
  const pools = {
    first: openPool(nodes.first, Math.max(1, connections), timeoutSeconds),
    second: openPool(nodes.second, Math.max(1, connections), timeoutSeconds),
  };
  const running = Array.from({ length: connections }, async (_, connection) => {
    let node: NodeName = 'first';
    for (let number = 1; !closing.signal.aborted; number += 1) {
      const record = await write(node, `${run}/load-${connection}/${number}`);
      records.push(record);
      if (record.outcome === 'acknowledged') continue;
      node = node === 'first' ? 'second' : 'first';
      await systemClock.sleep(restSeconds, closing.signal);
    }
  });

  async function write(node: NodeName, marker: string): Promise<DirectWrite> {
    const startedAtSeconds = systemClock.elapsedSeconds();
    const answer = await runQuery(pools[node], 'INSERT INTO shop.direct_writes (marker, written_to) VALUES ($1, $2)', [
      marker,
      node,
    ]);
    const base = { site: node, marker, startedAtSeconds, commitSentAtSeconds: startedAtSeconds };
    const endedAtSeconds = systemClock.elapsedSeconds();
    switch (answer.kind) {
      case 'rows':
        return { ...base, endedAtSeconds, outcome: 'acknowledged', sqlState: null, because: 'it was acknowledged' };
      case 'refused':
        return { ...base, endedAtSeconds, outcome: 'refused', sqlState: answer.sqlState, because: answer.because };
      case 'unknown':
        return { ...base, endedAtSeconds, outcome: 'unknown', sqlState: null, because: answer.because };
    }
  }

  return {
    records: () => records,
    async close() {
      closing.abort();
      await Promise.all(running);
      await Promise.all([pools.first.end(), pools.second.end()]);
    },
  };
}
