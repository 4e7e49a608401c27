// Text made safe for HTML and SVG, and numbers as people read them.

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** `41.3 s`; a dash for what was not measured. */
export function secondsText(seconds: number | null): string {
  if (seconds === null) return '–';
  return `${seconds.toFixed(Math.abs(seconds) < 100 ? 1 : 0)} s`;
}

export function countText(count: number | null): string {
  return count === null ? '–' : count.toLocaleString('en-GB');
}

/** Seconds since the failure with their sign: `+12.4 s`, `−3.0 s`. */
export function momentText(seconds: number): string {
  const sign = seconds < 0 ? '−' : '+';
  return `${sign}${Math.abs(seconds).toFixed(1)} s`;
}

export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}
