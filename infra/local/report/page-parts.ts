// Parts that more than one page is made of.

/** Cells are HTML already. On a narrow screen each row becomes a block, and the headings come along as labels. */
export function table(headings: readonly string[], rows: readonly string[][]): string {
  if (rows.length === 0) return '<p class="quiet">None.</p>';
  const head = headings.map((heading) => `<th scope="col">${heading}</th>`).join('');
  const body = rows.map(
    (cells) =>
      `<tr>${cells.map((cell, index) => `<td data-label="${headings[index] ?? ''}">${cell}</td>`).join('')}</tr>`,
  );
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}
