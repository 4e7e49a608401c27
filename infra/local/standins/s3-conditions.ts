// The preconditions of S3: on writes and deletes as the service was recorded to judge them, and on reads.
import { type HttpHead, headerOf } from './http-server.ts';
import type { S3Content } from './s3-content.ts';
import { bare, S3Error } from './s3-wire.ts';

export type Condition = { ifMatch: string | null; ifNoneMatch: string | null };

/** If-Match and If-None-Match of a write. 501 for what S3 does not take there. */
export function writeCondition(request: HttpHead): Condition {
  const condition = { ifMatch: headerOf(request, 'if-match'), ifNoneMatch: headerOf(request, 'if-none-match') };
  if (condition.ifMatch !== null && condition.ifNoneMatch !== null) {
    throw notImplemented('If-Match,If-None-Match', 'Multiple conditional request headers present in the request');
  }
  if (condition.ifMatch === '*') throw notImplemented('If-Match', wrongValue('If-Match'));
  if (condition.ifNoneMatch !== null && condition.ifNoneMatch !== '*') {
    throw notImplemented('If-None-Match', wrongValue('If-None-Match'));
  }
  return condition;
}

/** Whether a write may go on over `before`; null: there is no object, or only a delete marker. */
export function judgeWrite(key: string, before: S3Content | null, condition: Condition): void {
  if (condition.ifNoneMatch !== null && before !== null) throw preconditionFailed('If-None-Match');
  if (condition.ifMatch === null) return;
  if (before === null) throw noSuchKey(key);
  if (bare(condition.ifMatch) !== bare(before.etag)) throw preconditionFailed('If-Match');
}

/** The condition of a delete, which speaks of the current version alone; `*`: that there is one. */
export function deleteCondition(request: HttpHead): string | null {
  for (const name of ['x-amz-if-match-last-modified-time', 'x-amz-if-match-size']) {
    if (headerOf(request, name) !== null) throw notImplemented(name);
  }
  return headerOf(request, 'if-match');
}

export function judgeDelete(before: S3Content | null, ifMatch: string | null): void {
  if (ifMatch === null) return;
  if (before === null || (ifMatch !== '*' && bare(ifMatch) !== bare(before.etag))) throw preconditionFailed('If-Match');
}

/** `unmodified`: answer 304. Throws 412. A date counts only where the header about the ETag was not sent. */
export function judgeRead(request: HttpHead, content: S3Content): 'read' | 'unmodified' {
  return judgeBy((name) => headerOf(request, name), content, { match: 'If-Match', since: 'If-Unmodified-Since' });
}

/** The conditions of a copy on its source: what a read answers 304 to is 412 here. */
export function judgeSource(request: HttpHead, content: S3Content): void {
  const prefix = 'x-amz-copy-source-';
  const names = { match: `${prefix}If-Match`, since: `${prefix}If-Unmodified-Since` };
  if (judgeBy((name) => headerOf(request, `${prefix}${name}`), content, names) === 'read') return;
  const header = headerOf(request, `${prefix}if-none-match`) === null ? 'If-Modified-Since' : 'If-None-Match';
  throw preconditionFailed(`${prefix}${header}`);
}

function judgeBy(
  header: (name: string) => string | null,
  content: S3Content,
  names: { match: string; since: string },
): 'read' | 'unmodified' {
  const same = (sent: string) =>
    sent === '*' || sent.split(',').some((each) => bare(each.trim()) === bare(content.etag));
  const match = header('if-match');
  if (match !== null && !same(match)) throw preconditionFailed(names.match);
  const unmodifiedSince = header('if-unmodified-since');
  if (match === null && unmodifiedSince !== null && content.lastModified > new Date(unmodifiedSince)) {
    throw preconditionFailed(names.since);
  }
  const noneMatch = header('if-none-match');
  if (noneMatch !== null) return same(noneMatch) ? 'unmodified' : 'read';
  const modifiedSince = header('if-modified-since');
  return modifiedSince !== null && content.lastModified <= new Date(modifiedSince) ? 'unmodified' : 'read';
}

export function noSuchKey(key: string, headers: Record<string, string> = {}): S3Error {
  return new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key }, headers);
}

function preconditionFailed(header: string): S3Error {
  return new S3Error(412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: header,
  });
}

export function conflict(key: string, condition: Condition): S3Error {
  return new S3Error(
    409,
    'ConditionalRequestConflict',
    'The conditional request cannot succeed due to a conflicting operation against this resource.',
    { Condition: condition.ifMatch === null ? 'If-None-Match' : 'If-Match', Key: key },
  );
}

function notImplemented(header: string, more: string | null = null): S3Error {
  const message = 'A header you provided implies functionality that is not implemented';
  return new S3Error(501, 'NotImplemented', message, {
    Header: header,
    ...(more === null ? {} : { additionalMessage: more }),
  });
}

function wrongValue(header: string): string {
  return `We don't accept the provided value of ${header} header for this API`;
}
