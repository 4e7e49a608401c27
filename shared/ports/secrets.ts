// The site's secret store. What it answers is never logged, and never part of an error.

/** Throws `SecretUnavailable` when the secret could not be read, saying which and how to mend it. */
export type Secrets = { read(name: string): Promise<string> };

export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';
}
