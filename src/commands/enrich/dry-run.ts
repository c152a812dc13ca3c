/** `--dry-run`: what would be sent, and where each setting came from. Nothing is sent. */

import { print } from '../../io/sinks/print.js';
import type { Entry, InvalidEntry } from '../../core/case.js';
import { placeText } from '../../core/case.js';
import { EXIT } from '../../errors.js';
import type { Host } from '../../host.js';
import type { DryRun } from '../../io/http/client.js';
import type { Resumption } from '../../core/merge/resumption.js';
import type { CaseSource } from '../../core/ports.js';
import { isTableUrl } from '../../text/table-url.js';
import { pad, printable } from '../../text/printable.js';
import type { Resolved } from '../../config/resolved.js';
import { hiddenNotes, inputNotes } from '../../report/terminal/selection-notes.js';
import { judgedFiles } from '../shared/reading.js';
import { peekJournal } from '../../io/sinks/peek-journal.js';
import type { RunClient } from './client.js';
import { DryRunPlan } from './dry-run-plan.js';
import { shownTokenUrl, tokenFacts, type TokenFacts } from './credentials.js';

const SHOWN_BODY = 200;

/** Prints the request of every selected case, between the settings and a count on stderr. Exit code 0, or 1 with an invalid case. */
export async function dryRun(
  settings: Resolved<'enrich'>,
  client: RunClient,
  source: CaseSource,
  host: Host,
): Promise<number> {
  const token = tokenFacts(settings);
  const { values } = settings;
  const journal = await peeked(values, host);
  if (!values.quiet) await host.stderr.write(`${settingLines(settings, client).join('\n')}\n\n`);
  const plan = new DryRunPlan(values, client, journal?.resumption, Math.floor(host.random() * 2 ** 32));
  for await (const entries of source) {
    await print(entries.map((entry) => entryLines(entry, plan, client, token)).join(''), host);
    if (values.quiet) continue;
    for (const notice of client.takeNotices()) await host.stderr.write(`${printable(notice)}\n`);
  }
  const { counts, facts } = source;
  const idNotes = facts === undefined ? [] : inputNotes(facts);
  const warnings = [...(journal?.notices ?? []), ...plan.warnings].map((text) => `! ${printable(text)}`);
  const notes = [...hiddenNotes(counts, judgedFiles(settings)), ...idNotes, ...warnings];
  const lines = [...(values.quiet ? [] : notes), plan.countLine];
  if (!values.quiet || plan.invalid > 0) await host.stderr.write(`\n${lines.join('\n')}\n`);
  return plan.invalid > 0 ? EXIT.failures : EXIT.ok;
}

/** What the run would know from its journal or its table. */
async function peeked(
  values: Resolved<'enrich'>['values'],
  host: Host,
): Promise<{ readonly resumption: Resumption; readonly notices: readonly string[] } | undefined> {
  if (!isTableUrl(values.output)) return await peekJournal(peekOptions(values), { host });
  const { peekTable } = await import('./table-destination.js');
  const resumption = await peekTable(values, host);
  return resumption && { resumption, notices: [] };
}

function peekOptions(values: Resolved<'enrich'>['values']): Parameters<typeof peekJournal>[0] {
  const { output, resume, overwrite, only, refreshAfterMs, files } = values;
  return { path: output, resume, overwrite, only, refreshAfterMs, inputs: files };
}

/** Nothing for a case that would not be called. */
function entryLines(entry: Entry, plan: DryRunPlan, client: RunClient, token: TokenFacts | undefined): string {
  if (entry.kind === 'invalid') {
    plan.countInvalid();
    return invalidLine(entry);
  }
  const isFirst = plan.calls === 0;
  const planned = plan.of(entry);
  return planned === null ? '' : requestLines(client, entry.case.id, withTokenSource(planned, token), isFirst);
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
    ...(client.pollDisplay === undefined ? {} : { pollUrl: client.pollDisplay }),
    ...(values.body === undefined ? {} : { body: shortened(values.body) }),
    notify: values.notify.map(({ origin, on }) => `${origin} (${on.join(', ')})`).join('; '),
    ...(values.oauth2TokenUrl === undefined ? {} : { oauth2TokenUrl: shownTokenUrl(values.oauth2TokenUrl) }),
  };
}

function invalidLine({ source, message }: InvalidEntry): string {
  return `invalid: ${printable(`${placeText(source)}: ${message}`)}\n`;
}

/** Says where the token would come from: none is asked for. */
function withTokenSource(request: DryRun | { problem: string }, token: TokenFacts | undefined): typeof request {
  if ('problem' in request || token === undefined) return request;
  const headers = request.headers.map(([name, value]) => {
    return [name, name === token.header ? `*** (from ${token.from})` : value] as const;
  });
  return { ...request, headers };
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
