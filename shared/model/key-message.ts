// A queued key as it travels through a queue, the same in either cloud.
import * as z from 'zod';

const KeyMessage = z.object({
  kind: z.literal('object-key'),
  pair: z.string(),
  key: z.string(),
  site: z.string(),
  sinceMillis: z.number(),
  deletedMillis: z.number().nullable().default(null),
  failedSeconds: z.number().default(0),
  /** Not to be taken before: neither service holds a message back for as long as a copy may have to wait. */
  dueMillis: z.number(),
});

export type KeyWaiting = Omit<z.infer<typeof KeyMessage>, 'kind'>;

export function writeKeyMessage(waiting: KeyWaiting): string {
  return JSON.stringify({ kind: 'object-key', ...waiting } satisfies z.infer<typeof KeyMessage>);
}

/** Null: no message of ours. */
export function readKeyMessage(text: string): KeyWaiting | null {
  try {
    const { kind: _kind, ...waiting } = KeyMessage.parse(JSON.parse(text));
    return waiting;
  } catch {
    return null;
  }
}
