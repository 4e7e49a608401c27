// A bucket with conditional writes: what the register, the journal, the bulletins and the beacon are kept in.

/** `version` is whatever makes the next write conditional: an ETag (S3) or a generation (GCS). */
export type StoredObject = { body: string; version: string };

export type PutCondition = { kind: 'none' } | { kind: 'absent' } | { kind: 'version'; version: string };

export type PutOptions = {
  condition: PutCondition;
  contentType: string;
  /** Sent as Cache-Control; null leaves the service's default. */
  cacheControl: string | null;
};

/** `conflict`: the condition did not hold, or another write was under way (S3 409). The object is not changed by this call. */
export type PutResult = { kind: 'written'; version: string } | { kind: 'conflict' };

/**
 * Every function throws `StoreUnavailable` when the store did not answer, answered 429 or 5xx, or refused the
 * credentials: for a put that means UNKNOWN, it may have been written. Adapters do not retry writes by themselves, because a
 * retried "written, answer lost" comes back as a conflict.
 */
export type ObjectStore = {
  readonly name: string;
  /** The object, or null when the store says that there is none. */
  get(key: string): Promise<StoredObject | null>;
  /** Writes when the condition holds; the answer's version makes the next write conditional. */
  put(key: string, body: string, options: PutOptions): Promise<PutResult>;
  /** Keys below the prefix in byte order, all pages; after `startAfter` (exclusive) when given, at most `limit`. */
  list(prefix: string, options: { startAfter: string | null; limit: number }): Promise<string[]>;
  /** Removes the object; no error when there was none. */
  remove(key: string): Promise<void>;
};

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly store: string;
  /** 'time-out' | 'throttled' | 'refused' | 'failed' : what a person should look at. */
  readonly reason: 'time-out' | 'throttled' | 'refused' | 'failed';
  constructor(store: string, reason: StoreUnavailable['reason'], message: string, options?: ErrorOptions) {
    super(`${store}: ${message}`, options);
    this.store = store;
    this.reason = reason;
  }
}
