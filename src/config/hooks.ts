/** URLs for notifications, from a file or the configuration. No message has their text: they are secrets. */

import { type Hook, NOTIFY_EVENTS, type NotifyEvent } from '../core/notify-hooks.js';
import { isObject } from '../json/text.js';
import { closest } from '../text/did-you-mean.js';
import { printable } from '../text/printable.js';
import { accept, type Parsed, type Problem, refuse } from './parse-values.js';

// Between a URL and its events in one text: no line of a file can have it.
const DIVIDER = '\n';
const EXAMPLE = 'https://hooks.example.com/…';

/** The texts of `notify` in the configuration: a URL or `@FILE`, or an array of these and of `{ "url", "on" }`. */
export function hookTexts(value: unknown): Parsed<readonly string[]> {
  if (typeof value === 'string') return accept([value]);
  if (!Array.isArray(value)) return refuse(FORM);
  const parsed = value.map(hookText);
  const wrong = parsed.find((one) => !one.ok);
  return wrong ?? accept(parsed.flatMap((one) => (one.ok ? [one.value] : [])));
}

const FORM = 'must be "@FILE", or an array of { "url", "on" }';

function hookText(entry: unknown): Parsed<string> {
  if (typeof entry === 'string') return accept(entry);
  if (!isObject(entry) || typeof entry['url'] !== 'string') return refuse(FORM);
  const unknown = Object.keys(entry).find((key) => key !== 'url' && key !== 'on');
  if (unknown !== undefined)
    return refuse(`has an unknown member "${printable(unknown)}"`, { takes: '"url" and "on"' });
  const { url, on = NOTIFY_EVENTS } = entry;
  if (!Array.isArray(on) || on.length === 0) return refuse('has an "on" that is no array of events', { takes: EVENTS });
  const wrong = on.find((event) => !isEvent(event)) as unknown;
  if (wrong !== undefined) return refuse('has an unknown event in "on"', eventHint(wrong));
  return accept([url as string, on.join(',')].join(DIVIDER));
}

const EVENTS = `"on" with ${NOTIFY_EVENTS.join(', ')}`;

function isEvent(event: unknown): event is NotifyEvent {
  return NOTIFY_EVENTS.includes(event as NotifyEvent);
}

function eventHint(wrong: unknown): Pick<Problem, 'takes'> {
  const near = typeof wrong === 'string' ? closest(wrong, NOTIFY_EVENTS) : undefined;
  return { takes: near === undefined ? EVENTS : `${EVENTS}; did you mean "${near}"?` };
}

/** The URL or `@FILE` of such a text, and what follows it: the same events go to each URL of the file. */
export function splitHook(text: string): { readonly target: string; readonly rest: string } {
  const at = text.indexOf(DIVIDER);
  return at === -1 ? { target: text, rest: '' } : { target: text.slice(0, at), rest: text.slice(at) };
}

/** The lines of a file of URLs that count, by number from 1: not blank, and no comment (`#`). */
export function hookLines(content: string): readonly { readonly line: number; readonly text: string }[] {
  const lines = content.split(/\r?\n/).map((text, index) => ({ line: index + 1, text: text.trim() }));
  return lines.filter(({ text }) => text !== '' && !text.startsWith('#'));
}

/** One URL, with the events that go there. */
export function parseHook(text: string): Parsed<Hook> {
  const { target, rest } = splitHook(text);
  const url = URL.canParse(target) ? new URL(target) : undefined;
  if (url === undefined || /\s/.test(target.trim())) return refuse('is no URL', { takes: EXAMPLE });
  if (!/^https?:$/.test(url.protocol)) return refuse('is no https:// or http:// URL', { takes: EXAMPLE });
  if (url.username !== '' || url.password !== '') {
    return refuse('has a user name or password in its URL', { takes: 'a URL whose path or query is the secret' });
  }
  if (target.includes('#')) return refuse('has a fragment in its URL, which no server would see', { takes: EXAMPLE });
  const on = rest === '' ? NOTIFY_EVENTS : NOTIFY_EVENTS.filter((event) => rest.slice(1).split(',').includes(event));
  return accept({ url: url.href, origin: url.origin, on });
}

/** A URL that is named twice is told once, of all the events. */
export function uniqueHooks(hooks: readonly Hook[]): readonly Hook[] {
  const byUrl = new Map<string, Hook>();
  for (const hook of hooks) {
    const known = byUrl.get(hook.url)?.on ?? [];
    byUrl.set(hook.url, {
      ...hook,
      on: NOTIFY_EVENTS.filter((event) => hook.on.includes(event) || known.includes(event)),
    });
  }
  return [...byUrl.values()];
}

/** What no output may show of them: the URLs, their paths, and what looks like a key in these. */
export function hookSecrets(hooks: readonly Hook[]): readonly string[] {
  return hooks.flatMap(({ url }) => {
    const { pathname, search, href, searchParams } = new URL(url);
    const path = pathname + search;
    if (path === '/') return [];
    const parts = [...pathname.split('/'), ...searchParams.values()].filter((part) => part.length >= LONG_AS_A_KEY);
    return [href, ...(path.length >= LONG_AS_A_KEY ? [path] : []), ...parts];
  });
}

const LONG_AS_A_KEY = 16;
