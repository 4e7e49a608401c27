// A managed database in memory, on whatever clock the test brings.
import {
  type InstanceState,
  type ManagedDatabase,
  ManagedDatabaseUnavailable,
  type Operation,
} from '../../shared/ports/managed-database.ts';

export type FakeManagedDatabaseOptions = {
  elapsedSeconds(): number;
  role?: 'replica' | 'primary';
  promoteSeconds?: number;
};

export type FakeManagedDatabase = ManagedDatabase & {
  promotions(): number;
  put(status: InstanceState['status']): void;
  spoilPromotions(): void;
  /** `drop`: calls fail before anything happens. `lose-answer`: they do their work and then fail. */
  fail(how: 'drop' | 'lose-answer' | null): void;
};

export function createFakeManagedDatabase(options: FakeManagedDatabaseOptions): FakeManagedDatabase {
  const startedAt: number[] = [];
  let status: InstanceState['status'] = 'running';
  let spoiled = false;
  let failing: 'drop' | 'lose-answer' | null = null;
  const ended = (): boolean => {
    const last = startedAt.at(-1);
    return last !== undefined && options.elapsedSeconds() >= last + (options.promoteSeconds ?? 30);
  };
  const role = (): 'replica' | 'primary' =>
    options.role === 'primary' || (ended() && !spoiled) ? 'primary' : 'replica';
  const operation = (): Operation => {
    const id = `promotion-${startedAt.length}`;
    if (role() === 'primary') return { id, state: 'done', message: null };
    if (!ended()) return { id, state: 'running', message: null };
    return { id, state: 'failed', message: 'the promotion was spoilt by the test' };
  };
  const answered = <T>(what: string, work: () => T): T => {
    const how = failing;
    const result = how === 'drop' ? null : work();
    if (how !== null || result === null) throw new ManagedDatabaseUnavailable(`${what}: injected ${how}`);
    return result;
  };
  return {
    promotions: () => startedAt.length,
    put: (next) => {
      status = next;
    },
    spoilPromotions: () => {
      spoiled = true;
    },
    fail: (how) => {
      failing = how;
    },
    state: async () => answered('state', () => ({ status, providerStatus: status, role: role() })),
    promote: async () =>
      answered('promote', () => {
        const idle = startedAt.length === 0 || ended();
        if (role() === 'replica' && idle) startedAt.push(options.elapsedSeconds());
        return operation();
      }),
    operation: async (id) => answered(`operation ${id}`, operation),
  };
}
