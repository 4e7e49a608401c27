// One JSON POST to a service of people's tools, whose address or body holds a secret that must never show in an error.
import { NotifierUnavailable } from '../ports/notifier.ts';

export type PostOptions = {
  /** Named in errors, in place of the address. */
  service: string;
  url: string;
  body: unknown;
  timeoutSeconds: number;
  /** Taken out of everything that is said about this call. */
  secrets: string[];
};

export type PostAnswer = { status: number; text: string };

/**
 * The answer, whatever its status, except those that a later try may not get: 408, 425, 429 and 5xx throw `NotifierUnavailable`, as do
 * time-outs and cut connections (the message may have arrived). Redirects are not followed: the secret would go with them.
 */
export async function postJson(options: PostOptions): Promise<PostAnswer> {
  const { service, timeoutSeconds, secrets } = options;
  if (!URL.canParse(options.url)) {
    throw new NotifierUnavailable(`${service}: the secret is not an address; correct it in the secret store`);
  }
  let answer: PostAnswer;
  try {
    const response = await fetch(options.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(options.body),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    });
    answer = { status: response.status, text: redact(await response.text(), secrets).slice(0, 500) };
  } catch (cause) {
    throw new NotifierUnavailable(`${service}: no answer within ${timeoutSeconds} s; the message may have arrived`, {
      cause,
    });
  }
  const { status, text } = answer;
  if (status >= 500 || status === 408 || status === 425 || status === 429) {
    throw new NotifierUnavailable(`${service}: answered ${status} ${text}; try again later`);
  }
  return answer;
}

/** Reads a secret when it is needed; an unreadable one may be readable later. */
export async function readSecret(service: string, secret: () => Promise<string>): Promise<string> {
  try {
    return (await secret()).trim();
  } catch (cause) {
    throw new NotifierUnavailable(`${service}: its secret could not be read from the secret store`, { cause });
  }
}

function redact(text: string, secrets: string[]): string {
  return secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '***')), text);
}
