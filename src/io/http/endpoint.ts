/** The endpoint: a URL template with `{field}` in path and query, compiled once, rendered per case. */

import type { Case } from '../../core/case.js';
import type { Secret } from '../../core/secrets.js';
import { UsageError } from '../../errors.js';
import { pointerTokens } from '../../json/pointer.js';
import { textAt } from '../../json/text.js';
import { credentialsOf, percentDecoded } from '../secrets/credentials.js';
import { type ExportNames, Placeholders } from './placeholders.js';

/** The names that an export uses, and what kind of endpoint it is. */
export interface EndpointOptions extends ExportNames {
  /** One URL for every case: no placeholder is allowed and no id appended. */
  readonly fixed?: boolean;
  /** Whether a URL without a placeholder gets `/{id}`; default true. */
  readonly appendId?: boolean;
  /** `{answer:/pointer}` stands for a value of an earlier answer, and no id is appended. */
  readonly answers?: boolean;
}

/** The path to request for a case, or why none can be made. */
export type RenderedPath = { readonly path: string } | { readonly problem: string };

export interface Endpoint {
  readonly origin: string;
  /** The value of an Authorization header, from user name and password in the URL. */
  readonly authorization: string | undefined;
  /** The template with user, password and query values hidden. */
  readonly display: string;
  /** Everything in the URL that must not be shown: credentials and query values. */
  readonly secrets: readonly Secret[];
  /** Whether the URL had placeholders of its own; without any, `/{id}` was appended. */
  readonly hasPlaceholders: boolean;
  /** Path and query for a case; `answer` is the JSON that `{answer:/pointer}` looks into. */
  render(aCase: Case, answer?: string): RenderedPath;
  /** The whole URL for a case, secrets hidden. */
  show(aCase: Case): string;
}

/** Compiles a URL template; throws a UsageError that says what to write instead. */
export function compileEndpoint(url: string, options: EndpointOptions = {}): Endpoint {
  refuseBadBraces(url);
  refuseMisplaced(url);
  const marked = markPlaceholders(url);
  const parsed = parseUrl(marked.url, url);
  if (parsed.hash.includes(marked.token)) throw misplaced(url, 'the fragment');
  const appendId = marked.names.length === 0 && !options.fixed && !options.answers && options.appendId !== false;
  if (options.fixed && marked.names.length > 0) throw notFixed(url);
  const names = appendId ? ['id'] : marked.names;
  const path = appendId ? withId(parsed, marked.token) : parsed.pathname + parsed.search;
  const template = path.split(new RegExp(`${marked.token}\\d+z`));
  const hidden = hideQueryValues(path, marked.token);
  const hiddenTemplate = hidden.path.split(new RegExp(`${marked.token}\\d+z`));
  const user = credentialsOf(parsed);
  const base = parsed.origin.replace('://', user.secrets.length === 0 ? '://' : '://***@');
  const placeholders = new Placeholders(options);
  if (options.answers) refuseNoPointers(marked.names);
  else refuseAnswers(marked.names);
  const render = renderer(template, names, placeholders);
  const show = renderer(hiddenTemplate, names, placeholders);
  return {
    origin: parsed.origin,
    authorization: user.authorization,
    display:
      base +
      interleave(
        hiddenTemplate,
        names.map((name) => `{${name}}`),
      ),
    secrets: [...user.secrets, ...hidden.secrets],
    hasPlaceholders: marked.names.length > 0,
    render,
    show(aCase) {
      const shown = show(aCase);
      return 'path' in shown ? base + shown.path : base;
    },
  };
}

const EXAMPLE = "for example 'https://api.example.com/cases/{id}'";

function refuseBadBraces(url: string): void {
  const rest = url.replace(/\{[^{}]*\}/g, '');
  if (/[{}]/.test(rest)) throw new UsageError(`the endpoint has an unbalanced brace${quoted(url)}`, { hint: EXAMPLE });
  if (/\{\s*\}/.test(url)) {
    throw new UsageError(`the endpoint has an empty placeholder${quoted(url)}`, { hint: 'name a field, such as {id}' });
  }
}

/** A placeholder before the path would let a case choose where requests (and their secrets) go. */
function refuseMisplaced(url: string): void {
  const beforePath = /^[^:/?#]*:?[\\/]*[^\\/?#]*/.exec(url)?.[0] ?? '';
  if (/[{}]/.test(beforePath)) throw misplaced(url, 'scheme, host, port or credentials');
}

function misplaced(url: string, where: string): UsageError {
  return new UsageError(`the endpoint has a placeholder in ${where}${quoted(url)}`, {
    hint: `placeholders go into path and query only, ${EXAMPLE}`,
  });
}

function notFixed(url: string): UsageError {
  return new UsageError(`the endpoint of a batch can't have placeholders${quoted(url)}`, {
    hint: "a batch goes to one URL: --batch 100 --endpoint 'https://api.example.com/cases'",
  });
}

interface Marked {
  readonly url: string;
  /** The prefix of every marker; it occurs nowhere else in the URL. */
  readonly token: string;
  readonly names: readonly string[];
}

/** Replaces the placeholders by markers of plain letters, so that the platform's URL parser can read the URL. */
function markPlaceholders(url: string): Marked {
  let token = 'zq';
  while (url.toLowerCase().includes(token)) token += 'q';
  const names: string[] = [];
  const marked = url.replace(/\{([^{}]*)\}/g, (_all, name: string) => {
    names.push(name.trim());
    return `${token}${names.length - 1}z`;
  });
  return { url: marked, token, names };
}

function parseUrl(marked: string, original: string): URL {
  let url: URL;
  try {
    url = new URL(marked);
  } catch {
    if (!original.includes('://')) throw otherProtocol(original);
    const hint = original.includes('@') ? `in user and password write / ? # % as %2F %3F %23 %25; ${EXAMPLE}` : EXAMPLE;
    throw new UsageError('the endpoint is not a URL', { hint });
  }
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw otherProtocol(original);
}

/** `localhost:3000` has none: it only looks as if `localhost:` were one. `//host/x` and `demo:fast` are no hosts. */
function otherProtocol(original: string): UsageError {
  const protocol = /^(localhost|127\.|\[)/i.test(original) ? 'http' : 'https';
  const looksLikeHost = !/:\/\/|^\/|^demo:/.test(original);
  const whole = looksLikeHost ? showable(`${protocol}://${original}`) : undefined;
  const hint = whole === undefined ? EXAMPLE : `write the protocol too: '${whole}'`;
  const shown = whole === undefined ? quoted(original) : `: ${whole.slice(protocol.length + '://'.length)}`;
  return new UsageError(`the endpoint must begin with http:// or https://${shown}`, { hint });
}

/** `: ` and the URL, or an empty text where it must not be shown. */
function quoted(url: string): string {
  const shown = showable(url);
  return shown === undefined ? '' : `: ${shown}`;
}

/**
 * The URL without credentials, query and fragment. Undefined where these parts, and so a password, can't be told
 * apart for certain: in a URL that can't be parsed, or with an `@` anywhere else than after the user.
 */
function showable(url: string): string | undefined {
  const host = /^[a-z][a-z\d+.-]*:\/\/(?:[^@/\\?#]*@)?([^@?#]*)/i.exec(url);
  if (host === null || !canBeParsed(url)) return undefined;
  return url.indexOf('@', host[0].length) === -1
    ? url.slice(0, host[0].length).replace(/\/\/[^@]*@/, '//***@')
    : undefined;
}

function canBeParsed(url: string): boolean {
  try {
    return new URL(url.replace(/[{}]/g, '')).host !== '';
  } catch {
    return false;
  }
}

function withId(url: URL, token: string): string {
  return `${url.pathname.replace(/\/+$/, '')}/${token}0z${url.search}`;
}

function hideQueryValues(path: string, token: string): { path: string; secrets: Secret[] } {
  const secrets: Secret[] = [];
  const marker = new RegExp(`(${token}\\d+z)`);
  const query = path.indexOf('?');
  if (query === -1) return { path, secrets };
  const hidden = path.slice(query).replace(/([^?&=]*)=([^&]*)/g, (_all, name: string, value: string) => {
    const pieces = value.split(marker).map((piece) => {
      if (piece === '' || marker.test(piece)) return piece;
      secrets.push({ name: readable(name), value: readable(piece) });
      return '***';
    });
    return `${name}=${pieces.join('')}`;
  });
  return { path: path.slice(0, query) + hidden, secrets };
}

/** The query text decoded; the redactor derives its other spellings from that. */
function readable(queryText: string): string {
  return percentDecoded(queryText.replaceAll('+', ' '));
}

function interleave(literals: readonly string[], values: readonly string[]): string {
  return literals.map((literal, index) => literal + (values[index] ?? '')).join('');
}

const PLAIN_WORD = /^[\w-]+$/;

function renderer(
  literals: readonly string[],
  names: readonly string[],
  placeholders: Placeholders,
): (aCase: Case, answer?: string) => RenderedPath {
  const [before = '', after = ''] = literals;
  if (names.length === 0) return () => ({ path: before });
  const onlyId = names.length === 1 && names[0] === 'id';
  return (aCase, answer) => {
    // Fast path: a plain word needs no encoding and makes no dot segment.
    if (onlyId && PLAIN_WORD.test(aCase.id)) return { path: before + aCase.id + after };
    return renderAll(aCase, literals, names, (name) =>
      name.startsWith(ANSWER) ? answerValue(answer, name) : fieldValue(aCase, name, placeholders),
    );
  };
}

function renderAll(
  aCase: Case,
  literals: readonly string[],
  names: readonly string[],
  valueOf: (name: string) => RenderedPath,
): RenderedPath {
  let path = literals[0] ?? '';
  for (const [index, name] of names.entries()) {
    const value = name === 'id' ? encoded(name, aCase.id) : valueOf(name);
    if ('problem' in value) return value;
    path += value.path + (literals[index + 1] ?? '');
  }
  return DOT_SEGMENT.test(path) ? { problem: 'the path of its URL would contain a segment "." or ".."' } : { path };
}

// A path segment of one or two dots, plain or percent-encoded.
const DOT_SEGMENT = /^[^?]*\/(?:\.|%2e){1,2}(?:[/?]|$)/i;

const ANSWER = 'answer:';

function refuseAnswers(names: readonly string[]): void {
  const name = names.find((one) => one.startsWith(ANSWER));
  if (name === undefined) return;
  throw new UsageError(`the endpoint can't have {${name}}: there is no answer yet`, {
    hint: 'it belongs into --poll-url',
  });
}

/** Each case would be submitted, and nothing could be asked for afterwards. */
function refuseNoPointers(names: readonly string[]): void {
  const name = names.find((one) => one.startsWith(ANSWER) && pointerTokens(one.slice(ANSWER.length)) === undefined);
  if (name !== undefined) throw new UsageError(`the endpoint has {${name}}, which is no JSON Pointer`);
}

function answerValue(answer: string | undefined, name: string): RenderedPath {
  const pointer = name.slice(ANSWER.length);
  const text = answer === undefined ? undefined : textAt(answer, pointerTokens(pointer) ?? []);
  if (text === undefined) return { problem: `the answer has nothing at ${pointer}, which --poll-url needs` };
  if (text === 'null' || /^[[{]/.test(text)) {
    return { problem: `the answer has no string, number or boolean at ${pointer}, which --poll-url needs` };
  }
  return encoded(name, text.startsWith('"') ? (JSON.parse(text) as string) : text);
}

function fieldValue(aCase: Case, name: string, placeholders: Placeholders): RenderedPath {
  const text = placeholders.textOf(aCase, name);
  if (text === undefined) return { problem: missing(aCase, name, placeholders) };
  if (text === 'null') return { problem: `the endpoint needs {${name}}, and it is null` };
  const first = text.charCodeAt(0);
  if (first === 0x7b || first === 0x5b) {
    return { problem: `the endpoint needs {${name}}, and it is no string, number or boolean` };
  }
  return encoded(name, first === 0x22 ? (JSON.parse(text) as string) : text);
}

function missing(aCase: Case, name: string, placeholders: Placeholders): string {
  const problem = `the endpoint needs {${name}}, and the case has no field ${placeholders.fieldOf(name)}`;
  const meant = placeholders.meant(aCase, name);
  return meant === undefined ? problem : `${problem}; did you mean {${meant}}?`;
}

function encoded(name: string, value: string): RenderedPath {
  if (value === '') return { problem: `the endpoint needs {${name}}, and it is empty` };
  try {
    return { path: encodeURIComponent(value) };
  } catch {
    return { problem: `the endpoint needs {${name}}, and it is not well-formed Unicode` };
  }
}
