/** A strict reader of what is written as CSV or TSV, for comparison: RFC 4180, nothing guessed. */
export function rowsOf(text: string, delimiter = ','): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < text.length;) {
    const row: string[] = [];
    for (let isOver = false; !isOver;) {
      const { cell, end } = cellAt(text, at, delimiter);
      row.push(cell);
      isOver = text[end] !== delimiter;
      at = end + (isOver ? lineEndAt(text, end) : 1);
    }
    rows.push(row);
  }
  return rows;
}

/** Rows as objects by the titles of the first one. */
export function recordsOf(text: string, delimiter = ','): Record<string, string | undefined>[] {
  const [titles = [], ...rows] = rowsOf(text, delimiter);
  return rows.map((row) => Object.fromEntries(titles.map((title, at) => [title, row[at]])));
}

function cellAt(text: string, start: number, delimiter: string): { cell: string; end: number } {
  if (text[start] !== '"') {
    let end = start;
    while (end < text.length && text[end] !== delimiter && text[end] !== '\r' && text[end] !== '\n') {
      if (text[end] === '"') throw new Error(`a quote inside of a cell at ${end}`);
      end++;
    }
    return { cell: text.slice(start, end), end };
  }
  let end = start + 1;
  for (; text[end] !== '"' || text[end + 1] === '"'; end += text[end] === '"' ? 2 : 1) {
    if (end >= text.length) throw new Error('a quote that is never closed');
  }
  return { cell: text.slice(start + 1, end).replaceAll('""', '"'), end: end + 1 };
}

function lineEndAt(text: string, at: number): number {
  if (text.startsWith('\r\n', at)) return 2;
  if (text[at] === '\n') return 1;
  if (at === text.length) throw new Error('the last row has no line end');
  throw new Error(`text behind a closing quote at ${at}`);
}
