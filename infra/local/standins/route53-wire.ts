// How Route 53 writes on the wire: REST with XML bodies.
import { Route53Set } from '../dns/image.ts';
import type { HttpAnswer } from './http.ts';
import { element } from './query-wire.ts';
import type { Change } from './route53-changes.ts';
import { child, childText, parseXml, type XmlElement } from './xml-tree.ts';

const NAMESPACE = 'https://route53.amazonaws.com/doc/2013-04-01/';

/** An error answer of Route 53. */
export class Route53Error extends Error {
  override readonly name = 'Route53Error';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function route53Answer(status: number, root: string, content: string[], headers = {}): HttpAnswer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${content.join('')}</${root}>`;
  return { status, headers: { 'content-type': 'text/xml', ...headers }, body };
}

export function route53Failure(error: Route53Error): HttpAnswer {
  const type = error.status < 500 ? 'Sender' : 'Receiver';
  const inner = [element('Type', type), element('Code', error.code), element('Message', error.message)];
  return route53Answer(error.status, 'ErrorResponse', [element('Error', inner), element('RequestId', 'standin')]);
}

/** Throws Route53Error InvalidInput. */
export function readXml(body: Buffer, root: string): XmlElement {
  try {
    const element = parseXml(body.toString('utf8'));
    if (element.name !== root) throw new Error(`the root element is ${element.name}, not ${root}`);
    return element;
  } catch (error) {
    throw new Route53Error(
      400,
      'InvalidInput',
      `Invalid XML: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

export function readChanges(request: XmlElement): { changes: Change[]; comment: string | null } {
  const batch = child(request, 'ChangeBatch');
  const changes = batch ? child(batch, 'Changes') : null;
  if (!batch || !changes || changes.children.length === 0) {
    throw new Route53Error(400, 'InvalidInput', 'Invalid XML: Missing required field Changes');
  }
  return { changes: changes.children.map(readChange), comment: childText(batch, 'Comment') };
}

function readChange(change: XmlElement): Change {
  const action = childText(change, 'Action');
  const set = child(change, 'ResourceRecordSet');
  if (!set || (action !== 'CREATE' && action !== 'DELETE' && action !== 'UPSERT')) {
    throw new Route53Error(400, 'InvalidInput', `Invalid request: unknown action ${action}`);
  }
  const parsed = Route53Set.safeParse(readSet(set));
  if (!parsed.success) throw new Route53Error(400, 'InvalidInput', `Invalid request: ${parsed.error.message}`);
  return { action, set: parsed.data };
}

/** The element as the JSON shape of the API; text becomes what its field is. */
function readSet(set: XmlElement): Record<string, unknown> {
  return Object.fromEntries(set.children.map((field) => [field.name, readField(field)]));
}

function readField(field: XmlElement): unknown {
  if (field.name === 'ResourceRecords') return field.children.map((record) => ({ Value: childText(record, 'Value') }));
  if (field.children.length > 0) return readSet(field);
  if (field.name === 'TTL' || field.name === 'Weight') return Number(field.text);
  if (field.text === 'true' || field.text === 'false') return field.text === 'true';
  return field.text;
}

export function writeSet(set: Route53Set): string {
  const optional = (name: string, value: string | number | boolean | undefined) =>
    value === undefined ? [] : [element(name, value)];
  const { GeoLocation: geo, AliasTarget: alias } = set;
  return element('ResourceRecordSet', [
    element('Name', `${escapeName(set.Name)}.`),
    element('Type', set.Type),
    ...optional('SetIdentifier', set.SetIdentifier),
    ...optional('Weight', set.Weight),
    ...optional('Region', set.Region),
    ...(geo
      ? [
          element('GeoLocation', [
            ...optional('ContinentCode', geo.ContinentCode),
            ...optional('CountryCode', geo.CountryCode),
            ...optional('SubdivisionCode', geo.SubdivisionCode),
          ]),
        ]
      : []),
    ...optional('Failover', set.Failover),
    ...optional('MultiValueAnswer', set.MultiValueAnswer),
    ...optional('TTL', set.TTL),
    ...(set.ResourceRecords
      ? [
          element(
            'ResourceRecords',
            set.ResourceRecords.map(({ Value }) => element('ResourceRecord', [element('Value', Value)])),
          ),
        ]
      : []),
    ...(alias
      ? [
          element('AliasTarget', [
            element('HostedZoneId', alias.HostedZoneId),
            element('DNSName', `${alias.DNSName}.`),
            element('EvaluateTargetHealth', alias.EvaluateTargetHealth),
          ]),
        ]
      : []),
    ...optional('HealthCheckId', set.HealthCheckId),
  ]);
}

/** Answers escape what is no letter, digit, `-`, `_` or `.`, as an octal code: `*` comes back as `\052`. */
function escapeName(name: string): string {
  return name.replace(/[^a-z0-9\-_.]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
