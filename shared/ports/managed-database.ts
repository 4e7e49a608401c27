// A managed database instance, as its provider's API shows it: state, and promotion of a managed replica.

export type InstanceState = {
  /** `stopped` is the only word that proves that the instance accepts no writes. */
  status: 'running' | 'stopped' | 'changing' | 'failed';
  /** The provider's own word. */
  providerStatus: string;
  role: 'primary' | 'replica' | 'unknown';
};

export type Operation = {
  id: string;
  state: 'running' | 'done' | 'failed';
  message: string | null;
};

/** Throws `ManagedDatabaseUnavailable` when the answer is not known. */
export type ManagedDatabase = {
  state(): Promise<InstanceState>;
  /** Starts promotion of a managed replica, or finds the one under way. */
  promote(): Promise<Operation>;
  operation(id: string): Promise<Operation>;
};

export class ManagedDatabaseUnavailable extends Error {
  override readonly name = 'ManagedDatabaseUnavailable';
}
