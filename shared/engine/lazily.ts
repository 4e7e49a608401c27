// Opening late: what is opened with a promise is opened when it is first used.

/** Opens once; an opening that failed is tried again by the next call. */
export function lazily<T>(open: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | null = null;
  return () => {
    opened ??= open().catch((error) => {
      opened = null;
      throw error;
    });
    return opened;
  };
}
