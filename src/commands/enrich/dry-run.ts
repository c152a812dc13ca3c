/** `--dry-run`: what would be sent, and where each setting came from. Nothing is sent. */

import { print } from '../../io/sinks/print.js';
import type { InvalidEntry } from '../../core/case.js';
import { placeText } from '../../core/case.js';
import { EXIT } from '../../errors.js';
import type { Host } from '../../host.js';
import type { DryRun } from '../../io/http/client.js';
import type { CaseSource } from '../../core/ports.js';
import { formatCount, formatCounted } from '../../text/format.js';
import { pad, printable } from '../../text/printable.js';
import type { Resolved } from '../../config/resolved.js';
import { hiddenNotes, idFieldNotes } from '../../report/terminal/selection-notes.js';
import { judgedFiles } from '../shared/reading.js';
import type { RunClient } from './client.js';

const SHOWN_BODY = 200;

/** Prints the request of every selected case, between the settings and a count on stderr. Exit code 0, or 1 with an invalid case. */
export async function dryRun(
  settings: Resolved<'enrich'>,
  client: RunClient,
  source: CaseSource,
  host: Host,
): Promise<number> {
  if (!settings.values.quiet) await host.stderr.write(`${settingLines(settings, client).join('\n')}\n\n`);
  let [sendable, invalid] = [0, 0];
  for await (const entries of source) {
    let text = '';
    for (const entry of entries) {
      const shown =
        entry.kind === 'invalid'
          ? invalidLine(entry)
          : requestLines(client, entry.case.id, client.dryRun(entry.case), sendable === 0);
      if (entry.kind === 'invalid' || shown.startsWith('invalid')) invalid++;
      else sendable++;
      text += shown;
    }
    await print(text, host);
    if (settings.values.quiet) continue;
    for (const notice of client.takeNotices()) await host.stderr.write(`${printable(notice)}\n`);
  }
  const { counts, facts } = source;
  const idNotes = facts === undefined ? [] : idFieldNotes(facts);
  const notes = settings.values.quiet ? [] : [...hiddenNotes(counts, judgedFiles(settings)), ...idNotes];
  const lines = [countLine(sendable, invalid), ...notes];
  if (!settings.values.quiet || invalid > 0) await host.stderr.write(`\n${lines.join('\n')}\n`);
  return invalid > 0 ? EXIT.failures : EXIT.ok;
}

function countLine(sendable: number, invalid: number): string {
  const bad = invalid === 0 ? '' : `; ${formatCount(invalid)} more ${invalid === 1 ? 'is' : 'are'} invalid`;
  return `${formatCounted(sendable, 'case')} would be sent${bad}; nothing was sent`;
}

function settingLines(settings: Resolved<'enrich'>, client: RunClient): string[] {
  const withoutSecrets = privateTexts(settings, client);
  const rows = Object.entries(settings.sources)
    .filter(([, source]) => source.text !== undefined || source.from !== 'default')
    .map(([key, { text, where }]) => [key, client.redact(text ?? withoutSecrets[key] ?? '***'), where] as const);
  const width = (at: 0 | 1): number => Math.min(40, Math.max(...rows.map((row) => row[at].length)));
  return rows.map(
    ([key, text, where]) => `${pad(key, width(0))}  ${pad(printable(text), width(1))}  ${printable(where)}`,
  );
}

/** The displayable form of settings that may hold secrets. */
function privateTexts({ values }: Resolved<'enrich'>, client: RunClient): Readonly<Record<string, string>> {
  return {
    endpoint: client.endpointName,
    headers: values.headers.map(({ name, value, secret }) => `${name}: ${secret ? '***' : value}`).join(', '),
    ...(values.body === undefined ? {} : { body: shortened(values.body) }),
  };
}

function invalidLine({ source, message }: InvalidEntry): string {
  return `invalid: ${printable(`${placeText(source)}: ${message}`)}\n`;
}

/** One line per case; the first one is followed by its headers and body, as they are alike for all. */
function requestLines(client: RunClient, id: string, request: DryRun | { problem: string }, first: boolean): string {
  if ('problem' in request) return `invalid: ${printable(`${id}: ${request.problem}`)}\n`;
  const line = `${request.method} ${printable(request.url)}\n`;
  const body = request.body === undefined ? '' : `  ${printable(shortened(client.redact(request.body)))}\n`;
  if (!first) return line + body;
  return `${line}${request.headers.map(([name, value]) => `  ${name}: ${printable(value)}\n`).join('')}${body}`;
}

function shortened(text: string): string {
  return text.length > SHOWN_BODY ? `${text.slice(0, SHOWN_BODY)}… (${text.length} characters)` : text;
}
