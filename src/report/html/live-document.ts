/** The page of a run under way: a shell without data, which its script fills from the WebSocket. */

import type { PageScript } from './document.js';
import { html, type Markup, trusted } from './markup.js';
import { LIVE_STYLES } from './live-styles.js';
import { STYLES } from './styles.js';

/** What the shell has to know of the run. It holds nothing secret: whoever asks for it gets it. */
export interface LiveDocumentOptions {
  /** Whether the page has a button that stops the run. */
  readonly control: boolean;
  /** Of this program. */
  readonly version: string;
}

// A tagged template that has this in it is rewritten by bundlers, with a helper that they import from a package.
const SCRIPT_END = '</script>';

/** The page that shows a run in a browser. To be sent with `livePolicy` of the same script. */
export function liveDocument(script: PageScript, options: LiveDocumentOptions): string {
  const start = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>case-tracker</title>
        <style>
          ${trusted(STYLES + LIVE_STYLES)}
        </style>
      </head>
      <body>
        ${head(options)}
        <main class="wrap">
          <noscript
            ><p class="notice bad">
              This page needs JavaScript: it has no data of its own, and asks the process for it.
            </p></noscript
          >
          ${notices()}${tiles()}${next()}${causes()}${failures()}${course()}
        </main>
        <footer class="wrap" id="foot">case-tracker ${options.version}</footer>
        ${options.control && confirmation()}
      </body>
    </html> `.text;
  return `${start}<script>${script.text}${SCRIPT_END}</body></html>\n`;
}

/**
 * The Content-Security-Policy of the page, as a header: no script but this one, nothing is fetched from elsewhere, and no
 * other page may show it in a frame.
 */
export function livePolicy({ source }: PageScript): string {
  return [
    "default-src 'none'",
    `script-src ${source}`,
    "style-src 'unsafe-inline'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** What is read out by screen readers stands in `#said` alone: numbers that change four times a second don't. */
function head({ control }: LiveDocumentOptions): Markup {
  return html`<header class="verdict going" id="verdict">
      <div class="wrap">
        <div class="top">
          <p class="brand">case-tracker <span id="kind">live run</span></p>
          <div class="actions">
            <button type="button" id="save" hidden>Save this page</button>
            ${control && html`<button type="button" id="stop" class="danger" hidden>Stop the run …</button>`}
          </div>
        </div>
        <h1>
          <span class="mark" id="mark" aria-hidden="true">…</span><span id="headline">Connecting to the run</span>
        </h1>
        <div class="shares" id="shares" role="img" aria-label="Nothing done yet"></div>
        <p class="progress" id="progress"></p>
        <dl class="facts" id="facts"></dl>
        <ul class="thresholds" id="thresholds" aria-label="Thresholds" hidden></ul>
      </div>
    </header>
    <p class="sr" id="said" role="status" aria-live="polite"></p>`;
}

/** What is to be known now: no connection, a pause, an outage, a run that is ending. And the way in without a token. */
function notices(): Markup {
  return html`<div class="notices" id="notices"></div>
    <section class="card" id="way-in" aria-labelledby="way-in-title" hidden>
      <h2 id="way-in-title">This address lacks its token</h2>
      <p>
        The process has written the whole address to its terminal or log when it began, with a token after the
        <code>#</code>: <code>http://127.0.0.1:PORT/#TOKEN</code>. Open that one, or paste it here.
      </p>
      <div class="paste">
        <label for="pasted">Address or token</label>
        <input id="pasted" type="text" autocomplete="off" autocapitalize="off" spellcheck="false" />
        <button type="button" id="enter">Show the run</button>
      </div>
      <p class="note" id="paste-note"></p>
    </section>`;
}

function tiles(): Markup {
  return html`<section class="tiles" id="tiles" aria-label="Totals" hidden>
    <dl class="tile-row outcomes" id="outcomes"></dl>
    <dl class="tile-row" id="calls"></dl>
  </section>`;
}

function next(): Markup {
  return html`<section class="card" id="next" aria-labelledby="next-title" hidden>
    <h2 id="next-title">Next</h2>
    <ul class="commands" id="commands"></ul>
  </section>`;
}

function causes(): Markup {
  return html`<section class="card" id="causes" aria-labelledby="causes-title" hidden>
    <h2 id="causes-title">Failures by cause</h2>
    <ol class="kinds" id="kinds"></ol>
    <p class="note" id="causes-note"></p>
  </section>`;
}

function failures(): Markup {
  return html`<section class="card" id="failures" aria-labelledby="failures-title" hidden>
    <h2 id="failures-title">Last failures</h2>
    <div class="scroll tall" tabindex="0" role="region" aria-labelledby="failures-title">
      <table class="plain last">
        <thead>
          <tr>
            <th scope="col" class="id">Case</th>
            <th scope="col" class="cause">Cause</th>
            <th scope="col" class="attempts num">Attempts</th>
            <th scope="col" class="message">What happened</th>
            <th scope="col" class="when">When</th>
          </tr>
        </thead>
        <tbody id="last"></tbody>
      </table>
    </div>
    <p class="note" id="failures-note"></p>
  </section>`;
}

function course(): Markup {
  return html`<section class="card" id="course" aria-labelledby="course-title" hidden>
    <h2 id="course-title">Over time</h2>
    <div id="charts"></div>
    <p class="note" id="course-note"></p>
  </section>`;
}

function confirmation(): Markup {
  return html`<dialog id="confirm" aria-labelledby="confirm-title">
    <h2 id="confirm-title">Stop this run?</h2>
    <p>No more cases are called. Calls in flight may end, and all results so far are kept.</p>
    <div class="actions">
      <button type="button" id="confirm-stop" class="danger">Stop the run</button>
      <button type="button" id="confirm-not" autofocus>Let it go on</button>
    </div>
  </dialog>`;
}
