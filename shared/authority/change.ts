// A change of the register: what its function may answer, and how it can end.

export type Change<T> = { kind: 'to'; value: T } | { kind: 'refuse'; because: string };

export type ChangeResult<T> =
  | { kind: 'committed'; value: T }
  /** The change function refused the value that it was shown. */
  | { kind: 'refused'; because: string }
  /** It may have been committed, or may still be. Read again before anything that depends on it. */
  | { kind: 'unknown'; because: string };
