export type Row = readonly string[];

/** A Markdown table, so that what is printed can go into docs/performance.md as it is. */
export function printTable(title: string, head: Row, rows: readonly Row[]): void {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: Row): string =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  process.stdout.write(`\n### ${title}\n\n${[line(head), rule, ...rows.map(line)].join('\n')}\n`);
}

/** A line on stderr about what goes on. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
