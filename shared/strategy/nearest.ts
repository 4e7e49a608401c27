// Did you mean: the known word that a misspelt one is closest to.

/** The candidate within a third of the word's length in edits (at least one), or null when none is that close. */
function nearest(word: string, candidates: readonly string[]): string | null {
  let best: { candidate: string; edits: number } | null = null;
  for (const candidate of candidates) {
    const edits = distance(word.toLowerCase(), candidate.toLowerCase());
    if (!best || edits < best.edits) best = { candidate, edits };
  }
  const limit = Math.max(1, Math.floor(word.length / 3));
  return best && best.edits <= limit ? best.candidate : null;
}

/** ` Did you mean "x"?`, or nothing: made to be put behind a sentence. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const guess = nearest(word, candidates);
  return guess === null ? '' : ` Did you mean "${guess}"?`;
}

/** Edits between two words, where exchanging two neighbours is one edit (optimal string alignment). */
function distance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      const cheapest = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      current[column] = swapped ? Math.min(cheapest, (beforeLast[column - 2] ?? cheapest) + 1) : cheapest;
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
