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

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
