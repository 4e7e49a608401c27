// Slack, through an incoming webhook. Its address is the secret.
import type { Notification } from '../model/notification.ts';
import type { Notifier } from '../ports/notifier.ts';
import { postJson, readSecret } from './post-json.ts';

export type SlackNotifierOptions = {
  /** Reads the webhook's address: asked for at every message, so that a changed one is taken up. */
  webhookUrl(): Promise<string>;
  timeoutSeconds: number;
};

/** Slack cuts a message at 40,000 characters. */
const maxCharacters = 39_000;

/**
 * Slack knows no deduplication key: a message whose answer was lost may appear twice. Source: docs.slack.dev, "Sending messages using
 * incoming webhooks" (200 `ok`; errors as text).
 */
export function createSlackNotifier(options: SlackNotifierOptions): Notifier {
  return {
    send: async (notification) => {
      const url = await readSecret('Slack', options.webhookUrl);
      const { status, text } = await postJson({
        service: 'Slack',
        url,
        body: { text: wordsOf(notification) },
        timeoutSeconds: options.timeoutSeconds,
        secrets: [url],
      });
      if (status === 200) return { kind: 'sent', reference: `slack/${notification.dedupKey}` };
      return { kind: 'rejected', because: `Slack answered ${status} ${text}: correct the webhook or its channel` };
    },
  };
}

const openings: Record<Notification['kind'], string> = {
  message: '',
  'incident-opened': 'Incident: ',
  'incident-resolved': 'Resolved: ',
};

function wordsOf({ kind, severity, title, text, source }: Notification): string {
  const whole = `*[${severity}] ${openings[kind]}${escapeText(title)}*\n${escapeText(text)}\n_${escapeText(source)}_`;
  return whole.length <= maxCharacters
    ? whole
    : `${whole.slice(0, maxCharacters)}\n(cut here; the journal has it whole)`;
}

/** The three signs that mean something to Slack. */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
