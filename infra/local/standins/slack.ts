// A stand-in for a Slack incoming webhook: it keeps what it is told.
import { type Faults, type HttpAnswer, type HttpRequest, type HttpServer, startHttp, withFaults } from './http.ts';

export type SlackStandinOptions = {
  host: string;
  port: number;
  /** The secret part of the address: `/services/T.../B.../...`. */
  path: string;
  onMessage(text: string): void;
  faults: Faults;
};

/** Answers as hooks.slack.com does: `ok`, or one word of trouble, as plain text. */
export async function startSlackStandin(options: SlackStandinOptions): Promise<HttpServer> {
  const handle = async (request: HttpRequest): Promise<HttpAnswer> => {
    if (request.path !== options.path) return answer(404, 'no_service');
    const text = textOf(request);
    if (text === null) return answer(400, 'invalid_payload');
    if (text === '') return answer(400, 'no_text');
    options.onMessage(text);
    return answer(200, 'ok');
  };
  return startHttp(withFaults(handle, options.faults, answer), options);
}

function answer(status: number, word: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/html' }, body: word };
}

function textOf(request: HttpRequest): string | null {
  try {
    const body: { text?: unknown } = JSON.parse(request.body.toString());
    return typeof body.text === 'string' ? body.text : '';
  } catch {
    // Not JSON: that is the answer, not a failure of the stand-in.
    return null;
  }
}
