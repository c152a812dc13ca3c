/** Case files of any size, always the same for the same size. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export type FileForm = 'ndjson' | 'array' | 'csv';

const ENDINGS: Readonly<Record<FileForm, string>> = { ndjson: 'ndjson', array: 'json', csv: 'csv' };

const STATUS = ['open', 'in_progress', 'resolved', 'closed'];
const PRIORITY = ['low', 'medium', 'high', 'critical'];
const CHUNK = 1 << 20;

/** Writes a case file into the folder and returns its path. */
export function writeCases(folder: string, count: number, form: FileForm = 'ndjson'): string {
  const path = join(folder, `cases-${count}.${ENDINGS[form]}`);
  const fd = openSync(path, 'w');
  let text = form === 'array' ? '[\n' : form === 'csv' ? rowText(Object.keys(caseAt(0))) : '';
  for (let at = 0; at < count; at++) {
    if (form === 'csv') text += rowText(Object.values(caseAt(at)));
    else text += JSON.stringify(caseAt(at)) + (form === 'array' && at + 1 < count ? ',\n' : '\n');
    if (text.length < CHUNK) continue;
    writeSync(fd, text);
    text = '';
  }
  writeSync(fd, form === 'array' ? `${text}]\n` : text);
  closeSync(fd);
  return path;
}

/** The id of the case with this number. */
export function caseId(at: number): string {
  return `CASE-${String(at).padStart(7, '0')}`;
}

/** About 250 bytes. */
function caseAt(at: number): object {
  const day = String((at % 28) + 1).padStart(2, '0');
  return {
    id: caseId(at),
    title: `Customer ${at} can't open the invoice of order ${at * 7}`,
    status: STATUS[at % STATUS.length],
    priority: PRIORITY[at % PRIORITY.length],
    assignee: `agent-${at % 97}`,
    tags: ['billing', `region-${at % 11}`],
    openedAt: `2026-10-${day}T09:30:00Z`,
    dueAt: `2026-12-${day}`,
    customer: { tier: at % 3, since: 2010 + (at % 15) },
  };
}

/** A row as a spreadsheet writes it. */
function rowText(values: readonly unknown[]): string {
  return `${values.map(cellText).join(',')}\r\n`;
}

function cellText(value: unknown): string {
  const text = Array.isArray(value) ? value.join('|') : typeof value === 'string' ? value : JSON.stringify(value);
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
