// The Query wire of the older AWS APIs: a form in, XML out.
import type { HttpAnswer, HttpRequest } from './http.ts';

/** The form of a request: `Action`, `Version` and the operation's own fields. */
export function readForm(request: HttpRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString());
}

/** One element; text is escaped, an array of finished elements is put inside as it is. */
export function element(name: string, content: string | number | boolean | string[]): string {
  const inner = Array.isArray(content) ? content.join('') : escapeText(String(content));
  return `<${name}>${inner}</${name}>`;
}

export function queryAnswer(action: string, namespace: string, result: string[]): HttpAnswer {
  const body = [element(`${action}Result`, result), element('ResponseMetadata', [element('RequestId', 'local')])];
  return xml(200, `<${action}Response xmlns="${namespace}">${body.join('')}</${action}Response>`);
}

export function queryFailure(namespace: string, status: number, code: string, message: string): HttpAnswer {
  const error = [
    element('Type', status < 500 ? 'Sender' : 'Receiver'),
    element('Code', code),
    element('Message', message),
  ];
  const body = [element('Error', error), element('RequestId', 'local')];
  return xml(status, `<ErrorResponse xmlns="${namespace}">${body.join('')}</ErrorResponse>`);
}

function xml(status: number, body: string): HttpAnswer {
  return { status, headers: { 'content-type': 'text/xml' }, body: `<?xml version="1.0"?>${body}` };
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
