// Functions that the runtime tests serve through the real functions-framework.
import { appendFileSync } from 'node:fs';

type HttpRequest = { method: string; path: string; body: unknown };
type HttpResponse = { status(code: number): HttpResponse; json(value: unknown): void };
type CloudEvent = { id: string; type: string; source: string; data: { message: { data: string } } };

let seen = 0;

export const onRequest = (request: HttpRequest, response: HttpResponse): void => {
  response.status(201).json({ method: request.method, path: request.path, body: request.body, pid: process.pid });
};

export const slow = async (_request: HttpRequest, response: HttpResponse): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 400));
  response.status(200).json({ pid: process.pid });
};

/** Fails as often as the message says, and notes every delivery in the file that it names. */
export const onMessage = (event: CloudEvent): void => {
  const message: { file: string; failures: number } = JSON.parse(
    Buffer.from(event.data.message.data, 'base64').toString('utf8'),
  );
  seen += 1;
  appendFileSync(message.file, `${event.type} ${event.source} ${event.id}\n`);
  if (seen <= message.failures) throw new Error(`delivery ${seen} fails`);
};
