// The witness's own keys, from the site's secret store: another provider keeps the witness, and gives keys of its own.
import * as z from 'zod';
import type { Secrets } from '../ports/secrets.ts';

export type WitnessKeys = { accessKeyId: string; secretAccessKey: string };

const Keys = z.object({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) });

/**
 * A credentials provider as AWS's SDK takes one: asked when a request first needs to be signed, and kept by the SDK as long as the client
 * lives, so that both old and new keys must work while they are changed. `secrets` is asked late: it is opened after the stores. Throws
 * `SecretUnavailable`, and an Error for a secret of another shape, which never shows what the secret holds.
 */
export function createWitnessKeys(name: string, secrets: () => Secrets): () => Promise<WitnessKeys> {
  return async () => {
    const parsed = Keys.safeParse(parseJson(await secrets().read(name)));
    if (parsed.success) return parsed.data;
    throw new Error(
      `the secret "${name}" does not hold the witness's keys: it must be JSON, {"accessKeyId": "...", "secretAccessKey": "..."}`,
    );
  };
}

/** Undefined for what is no JSON: the parser's own message would quote it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
