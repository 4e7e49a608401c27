// A region's hands: what it can do to itself when the drill orders it.
import type { Faults } from '../standins/http.ts';
import type { HttpHead } from '../standins/http-server.ts';
import type { Api, Order } from './orders.ts';

export type Hands = {
  startFunctions(): Promise<void>;
  /** Null in the witness's region, which keeps no site. */
  database: { kill(): Promise<void>; start(): Promise<void> } | null;
  keepers: Keepers | null;
  /** Null where no objects are replicated. */
  objects: { kill(): Promise<void> } | null;
  /** Null where no lookout stands. */
  lookout: { end(): void } | null;
  apis: Switchboard;
};

/** Every process that keeps a site: its functions, and the keeper beside the application. */
export type Keepers = {
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  endFunctions(): Promise<void>;
  endRenewer(): Promise<void>;
};

/** Which services are broken now. */
export type Switchboard = {
  faultsOf(api: Api): Faults<HttpHead>;
  break(api: Api): void;
  mend(api: Api): void;
};

export function createSwitchboard(): Switchboard {
  const broken = new Set<Api>();
  return {
    faultsOf: (api) => () => (broken.has(api) ? { kind: 'drop' } : null),
    break: (api) => void broken.add(api),
    mend: (api) => void broken.delete(api),
  };
}

/** Throws when the region has nothing that could do it, and what doing it throws. */
export async function obey(hands: Hands, order: Order): Promise<void> {
  switch (order.kind) {
    case 'start-functions':
      return hands.startFunctions();
    case 'kill-database':
      return there(hands.database, order).kill();
    case 'start-database':
      return there(hands.database, order).start();
    case 'freeze-keepers':
      return there(hands.keepers, order).freeze();
    case 'thaw-keepers':
      return there(hands.keepers, order).thaw();
    case 'kill-keepers':
      return there(hands.keepers, order).kill();
    case 'end-functions':
      return there(hands.keepers, order).endFunctions();
    case 'kill-object-functions':
      return there(hands.objects, order).kill();
    case 'end-renewer':
      return there(hands.keepers, order).endRenewer();
    case 'end-lookout':
      return there(hands.lookout, order).end();
    case 'break':
      return hands.apis.break(order.api);
    case 'mend':
      return hands.apis.mend(order.api);
  }
}

function there<T>(part: T | null, { kind }: Order): T {
  if (part === null) throw new Error(`this region has nothing that could obey "${kind}"`);
  return part;
}
