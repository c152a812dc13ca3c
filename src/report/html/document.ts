/** The page around its sections. */

import { scriptJson } from '../../text/escape.js';
import { type ReportView, verdictOf } from '../view.js';
import { clip } from '../../text/clip.js';
import { formatCount } from '../../text/format.js';
import { html, type Markup, trusted } from './markup.js';
import { SCRIPT, SCRIPT_HASH } from './script.js';
import { STYLES } from './styles.js';

// Nothing is fetched, and no script runs but the one this package wrote.
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src '${SCRIPT_HASH}'; base-uri 'none'; form-action 'none'`;
const MARGIN = 1000;

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly amount: number | undefined;
  readonly content: Markup;
}

export function section(id: string, title: string, content: Markup, amount?: number): Section {
  return { id, title, content, amount };
}

export interface PageParts {
  readonly view: ReportView;
  readonly top: readonly Markup[];
  readonly sections: readonly Section[];
  /** The rows of the failure table as JSON, in at most so many bytes. */
  readonly failures: (maxBytes: number) => string;
  readonly maxBytes: number;
}

// Not in the tagged template itself: bundlers rewrite one that has it, with a helper from a package.
const SCRIPT_END = '</script>';

/** The whole document, in at most `maxBytes`: the failure table gets what the rest leaves. */
export function page({ view, top, sections, failures, maxBytes }: PageParts): string {
  const verdict = verdictOf(view);
  const start = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
<title>${verdict.mark} ${verdict.text} · case-tracker</title><style>${trusted(STYLES)}</style></head><body>
${top[0]}${navigation(sections)}<main class="wrap">${top.slice(1)}
${sections.map(sectionMarkup)}</main>
<footer class="wrap">case-tracker ${clip(view.run.version, 100)}, run ${clip(view.run.id, 100)}. The summary is in this page as JSON: <code>#report-data</code>.</footer>
<script type="application/json" id="report-data">${trusted(`${summaryJson(view)}${SCRIPT_END}`)}
<script type="application/json" id="failure-data">`.text;
  const end = `${SCRIPT_END}\n<script>${SCRIPT}${SCRIPT_END}</body></html>\n`;
  const used = new TextEncoder().encode(start).length + new TextEncoder().encode(end).length;
  return start + failures(maxBytes - used - MARGIN) + end;
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
