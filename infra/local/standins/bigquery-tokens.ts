// The words of a query, and a reader that walks them and says where it does not understand.

/** Tells the text from where it is no longer understood. */
export class SqlNotUnderstood extends Error {
  override readonly name = 'SqlNotUnderstood';
}

type Token = { kind: 'word' | 'text' | 'number' | 'table' | 'parameter' | 'sign'; value: string; at: number };

const shapes: [Token['kind'], RegExp][] = [
  ['text', /'((?:[^'\\]|\\.)*)'/y],
  ['table', /`([^`]+)`/y],
  ['parameter', /@(\w+)/y],
  ['number', /(\d+(?:\.\d+)?)/y],
  ['word', /(\w+)/y],
  ['sign', /(<=|>=|[(),.+=<>])/y],
];

export type Reader = {
  /** Takes the word when it is next. */
  hasWord(word: string): boolean;
  word(word: string): void;
  hasSign(sign: string): boolean;
  sign(sign: string): void;
  name(): string;
  take(kind: Token['kind']): string | null;
  fail(): never;
  end(): void;
};

export function readerOf(sql: string): Reader {
  const tokens = tokensOf(sql);
  let at = 0;
  const is = (kind: Token['kind'], value: string) => {
    const next = tokens[at];
    return next?.kind === kind && (kind === 'word' ? next.value.toUpperCase() : next.value) === value;
  };
  const fail = (): never => {
    const from = tokens[at]?.at ?? sql.length;
    throw new SqlNotUnderstood(`this stand-in does not understand: ${sql.slice(from, from + 40) || 'the end'}`);
  };
  const has = (kind: Token['kind'], value: string) => {
    if (!is(kind, value)) return false;
    at += 1;
    return true;
  };
  const take = (kind: Token['kind']) => {
    const next = tokens[at];
    if (next?.kind !== kind) return null;
    at += 1;
    return next.value;
  };
  return {
    hasWord: (word) => has('word', word),
    word: (word) => void (has('word', word) || fail()),
    hasSign: (sign) => has('sign', sign),
    sign: (sign) => void (has('sign', sign) || fail()),
    name: () => take('word') ?? fail(),
    take,
    fail,
    end: () => void (at === tokens.length || fail()),
  };
}

function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < sql.length; ) {
    const space = /^\s+/.exec(sql.slice(at))?.[0].length ?? 0;
    at += space;
    if (at >= sql.length) break;
    const found = shapes.map(([kind, shape]) => {
      shape.lastIndex = at;
      return { kind, match: shape.exec(sql) };
    });
    const { kind, match } = found.find((one) => one.match !== null) ?? { kind: 'sign' as const, match: null };
    if (match === null) throw new SqlNotUnderstood(`this stand-in does not understand: ${sql.slice(at, at + 40)}`);
    const value = match[1] ?? '';
    tokens.push({ kind, value: kind === 'text' ? value.replace(/\\(.)/g, '$1') : value, at });
    at += match[0].length;
  }
  return tokens;
}
