// What happened in a world, in plain words, and a hash of every call that was made in it: the same seed gives the same of both.
import type { Log } from '../../shared/engine/log.ts';
import type { PortCall } from '../support/estate/mortal.ts';

export type Trace = {
  say(sentence: string): void;
  logOf(process: string): Log;
  /** Folds a call into the hash. */
  note(call: PortCall): void;
  lines(): string[];
  hash(): string;
};

type Said = { atSeconds: number; who: string; what: string; fields: Record<string, unknown> | null };

/** Sentences are put together only when somebody reads them: most worlds nobody reads. */
export function createTrace(nowSeconds: () => number): Trace {
  const said: Said[] = [];
  let hash = 0x811c9dc5;
  const mix = (value: number) => {
    hash = Math.imul(hash ^ value, 0x01000193) >>> 0;
  };
  const mixText = (text: string) => {
    for (let index = 0; index < text.length; index += 1) mix(text.charCodeAt(index));
  };
  return {
    say(what) {
      said.push({ atSeconds: nowSeconds(), who: '', what, fields: null });
      mixText(what);
    },
    logOf: (who) => (severity, what, fields) => {
      if (severity !== 'DEBUG') said.push({ atSeconds: nowSeconds(), who, what, fields: fields ?? null });
    },
    note({ ordinal, process, method }) {
      mix(Math.round(nowSeconds() * 1e6) | 0);
      mix(ordinal * 64 + process.length * 8 + method.length);
    },
    lines: () => said.map(spell),
    hash: () => hash.toString(16).padStart(8, '0'),
  };
}

function spell({ atSeconds, who, what, fields }: Said): string {
  const line = `${atSeconds.toFixed(2).padStart(8)} s  ${who ? `${who}: ` : ''}${what}`;
  return fields ? `${line} ${told(fields)}` : line;
}

const widest = 260;

/** An event of the journal by its sentence, other fields as they are. */
function told(fields: Record<string, unknown>): string {
  const text = JSON.stringify(fields);
  return text.length > widest ? `${text.slice(0, widest)}...` : text;
}
