// How S3 writes on the wire: its XML and its errors.
import type { HttpAnswer, HttpHead } from './http-server.ts';

/** An error answer of S3; `fields` are further elements of its XML, such as Condition or Key. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly status: number;
  readonly code: string;
  readonly fields: Record<string, string>;
  readonly headers: Record<string, string>;
  constructor(
    status: number,
    code: string,
    message: string,
    fields: Record<string, string> = {},
    headers: Record<string, string> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.headers = headers;
  }
}

export function errorXml(error: S3Error, requestId: string): string {
  const fields = Object.entries(error.fields).map(([name, value]) => element(name, value));
  return document(
    `<Error>${element('Code', error.code)}${element('Message', error.message)}${fields.join('')}${element('RequestId', requestId)}${element('HostId', 'standin')}</Error>`,
  );
}

function document(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${content}`;
}

/** An answer of 200 whose root element is in S3's namespace. */
export function xmlAnswer(root: string, parts: string[], headers: Record<string, string> = {}): HttpAnswer {
  return {
    status: 200,
    headers: { 'content-type': 'application/xml', ...headers },
    body: document(`<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.join('')}</${root}>`),
  };
}

export function element(name: string, text: string | number | boolean): string {
  return `<${name}>${escapeXml(String(text))}</${name}>`;
}

/** An element around finished ones. */
export function wrap(name: string, parts: string[]): string {
  return `<${name}>${parts.join('')}</${name}>`;
}

function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\r/g, '&#13;');
}

/** `encoding-type=url`: percent-encoded, but for a slash, and a plus for a space. */
function urlEncoded(key: string): string {
  return encodeURIComponent(key).replace(/%2F/g, '/').replace(/%20/g, '+');
}

/** How a listing is to write its keys. */
export function keyWriter(query: URLSearchParams): (key: string) => string {
  return query.get('encoding-type') === 'url' ? urlEncoded : (key) => key;
}

/** A count in the query, at most `limit`, which is also what is meant when nothing is said. */
export function countOf(query: URLSearchParams, name: string, limit: number): number {
  const asked = query.get(name);
  if (asked === null) return limit;
  if (!/^\d+$/.test(asked)) {
    throw invalidArgument(name, asked, `Provided ${name} not an integer or within integer range`);
  }
  return Math.min(limit, Number(asked));
}

export function invalidArgument(name: string, value: string, message: string): S3Error {
  return new S3Error(400, 'InvalidArgument', message, { ArgumentName: name, ArgumentValue: value });
}

export function invalidRequest(message: string): S3Error {
  return new S3Error(400, 'InvalidRequest', message);
}

export function malformedXml(): S3Error {
  return new S3Error(
    400,
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}

export function notSpoken(request: HttpHead): S3Error {
  return new S3Error(
    501,
    'NotImplemented',
    `The stand-in does not speak ${request.method} ${request.path}?${request.query}`,
  );
}

export function bare(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}
