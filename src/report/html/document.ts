/** The document around its sections. */

import { scriptJson } from '../../text/escape.js';
import { type ReportView, verdictOf } from '../view.js';
import { clip } from '../../text/clip.js';
import { formatCount } from '../../text/format.js';
import { html, type Markup, trusted } from './markup.js';
import { STYLES } from './styles.js';

/** Bytes that stay free, so that no rounding takes the page over its limit. */
const SPARE_BYTES = 1000;

/** A script that stands in a page. */
export interface PageScript {
  readonly text: string;
  /** How the page's Content-Security-Policy names it: its hash. */
  readonly source: string;
}

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly amount: number | undefined;
  readonly content: Markup;
}

export function section(id: string, title: string, content: Markup, amount?: number): Section {
  return { id, title, content, amount };
}

export interface DocumentParts {
  readonly view: ReportView;
  readonly script: PageScript;
  readonly top: readonly Markup[];
  readonly sections: readonly Section[];
  /** The rows of the failure table as JSON, in at most `maxBytes` bytes. */
  readonly failures: (maxBytes: number) => string;
  readonly maxBytes: number;
}

// A tagged template that has this in it is rewritten by bundlers, with a helper that they import from a package.
const SCRIPT_END = '</script>';

/** The whole document, in at most `maxBytes`: the failure table gets what the rest leaves. */
export function htmlDocument({ view, script, top, sections, failures, maxBytes }: DocumentParts): string {
  const verdict = verdictOf(view);
  const start = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${trusted(policy(script))}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${verdict.mark} ${verdict.text} · case-tracker</title><style>${trusted(STYLES)}</style></head><body>
${top[0]}${navigation(sections)}<main class="wrap">${top.slice(1)}
${sections.map(sectionMarkup)}</main>
<footer class="wrap">case-tracker ${clip(view.run.version, 100)}, run ${clip(view.run.id, 100)}. The summary is in this page as JSON: <code>#report-data</code>.</footer>
<script type="application/json" id="report-data">${trusted(`${summaryJson(view)}${SCRIPT_END}`)}
<script type="application/json" id="failure-data">`.text;
  const end = `${SCRIPT_END}\n<script>${script.text}${SCRIPT_END}</body></html>\n`;
  const used = new TextEncoder().encode(start).length + new TextEncoder().encode(end).length;
  return start + failures(maxBytes - used - SPARE_BYTES) + end;
}

/** Nothing is fetched, and no script runs but this one. */
function policy({ source }: PageScript): string {
  return `default-src 'none'; style-src 'unsafe-inline'; script-src ${source}; base-uri 'none'; form-action 'none'`;
}

function navigation(sections: readonly Section[]): Markup {
  return html`<nav aria-label="Sections">
    <div class="wrap">${sections.map(({ id, title }) => html`<a href="#${id}">${title}</a>`)}</div>
  </nav>`;
}

function sectionMarkup({ id, title, amount, content }: Section): Markup {
  const number = amount === undefined ? undefined : html` <span class="amount">${formatCount(amount)}</span>`;
  return html`<section class="card" id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}${number}</h2>
    ${content}
  </section> `;
}

function summaryJson({ run, summary, exitCode, commandLine, missingShards = [] }: ReportView): string {
  const shards = missingShards.slice(0, 1000).map((name) => clip(name, 40));
  const text = scriptJson({ schemaVersion: 1, run, summary, exitCode, commandLine, missingShards: shards });
  // A run says little about itself; only hostile input makes this long.
  return text.length <= 200_000 ? text : scriptJson({ schemaVersion: 1, summary, exitCode });
}
