// Charts as SVG, drawn here: a frame that a screen reader can read, a scale, and numbers short enough for a page.
import { escapeHtml } from '../../local/report/html.ts';

export const WIDTH = 960;
/** About the width of one character of a chart's type, to tell what fits. */
const CHARACTER = 7;

/** Where something is drawn: the place of a day and of an amount, and how far apart days are. */
export type Plot = { x: (index: number) => number; y: (value: number) => number; step: number };

export type Chart = {
  /** Names the elements that a screen reader is led to; no two charts of a page share one. */
  id: string;
  title: string;
  /** What one sees, in a sentence: for who cannot see it. */
  description: string;
  height: number;
  body: string;
};

export function svg({ id, title, description, height, body }: Chart): string {
  return `<div class="scroll"><svg viewBox="0 0 ${WIDTH} ${round(height)}" role="img" aria-labelledby="${id}-title ${id}-desc"><title id="${id}-title">${escapeHtml(title)}</title><desc id="${id}-desc">${escapeHtml(description)}</desc>${body}</svg></div>`;
}

export function text(x: number, y: number, words: string, attributes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${attributes === '' ? '' : ` ${attributes}`}>${escapeHtml(words)}</text>`;
}

/** With a hint, where a pointer can ask for it. */
export function rect(x: number, y: number, wide: number, high: number, classes: string, hint: string): string {
  return `<rect class="${classes}" x="${round(x)}" y="${round(y)}" width="${round(Math.max(0, wide))}" height="${round(high)}"><title>${escapeHtml(hint)}</title></rect>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, classes: string): string {
  return `<line class="${classes}" x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"/>`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Round figures from nothing to at least `most`, about `count` of them. */
export function ticksTo(most: number, count: number): number[] {
  const rough = Math.max(most, 1e-6) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  return Array.from({ length: Math.ceil(most / step - 1e-9) + 1 }, (_, index) =>
    Number((index * step).toPrecision(12)),
  );
}

/** As many characters of a text as there is room for; nothing rather than a stump. */
export function fitted(words: string, room: number): string {
  const characters = Math.floor(room / CHARACTER);
  if (words.length <= characters) return words;
  return characters >= 5 ? `${words.slice(0, characters - 1).trimEnd()}…` : '';
}
