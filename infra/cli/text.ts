// Small pieces of text that several commands print: ages, rows, lists.

/** `4 s`, `12 min`, `3.5 h`, `6 d`: how long something is, as one says it. */
export function spanText(seconds: number): string {
  if (seconds < 100) return `${seconds < 9.95 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Number((seconds / 3600).toFixed(1))} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** How long ago, by the clock of this machine. */
export function agoText(at: string, now: Date): string {
  const seconds = (now.getTime() - Date.parse(at)) / 1000;
  return seconds < 0 ? `${spanText(-seconds)} ahead of this machine's clock` : `${spanText(seconds)} ago`;
}

/** `aws 70 %, gcp 30 %`. */
export function sharesText(traffic: Record<string, number>): string {
  return Object.entries(traffic)
    .map(([site, share]) => `${site} ${Number(share.toFixed(1))} %`)
    .join(', ');
}

/** Columns padded to the widest cell; the last column is left as it is. Widths are counted without colours, so colour afterwards. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd((widths[index] ?? 0) + 2))).join(''),
  );
}

/** Indented columns of figures: the first and the last to the left, what is between them to the right. Colour afterwards, as for `columns`. */
export function figures(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, index) => {
        if (index === 0) return `  ${cell.padEnd(widths[index] ?? 0)}`;
        return index === row.length - 1 ? `  ${cell}` : `  ${cell.padStart(widths[index] ?? 0)}`;
      })
      .join('')
      .trimEnd(),
  );
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `0 B`, `4.1 KB`, `1.2 GB`: by thousands, as the providers bill. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit]}`;
}

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** `12,345`. */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `$0.0004`, `$12.34`: never nothing for something. */
export function dollarsText(dollars: number): string {
  if (dollars === 0) return '$0';
  if (dollars < 0.0001) return '<$0.0001';
  return `$${dollars < 0.1 ? dollars.toFixed(4) : dollars.toFixed(2)}`;
}
