/** Words as values of settings. */

import { closest } from '../text/did-you-mean.js';
import { accept, type Parsed, refuse } from './parse-values.js';

/** Any text but an empty one. */
export function parseText(item: string): Parsed<string> {
  return item.trim() === '' ? refuse('is empty') : accept(item);
}

/** One of these words. */
export function parseChoice<C extends string>(item: string, choices: readonly C[]): Parsed<C> {
  const found = choices.find((name) => name === item);
  if (found !== undefined) return accept(found);
  const near = closest(item, choices);
  const takes = choices.join(', ');
  return refuse('is not known', near === undefined ? { takes } : { instead: [[near]], takes });
}

/** `KEY=NAME` with one of these keys. */
export function parseName(item: string, keys: readonly string[]): Parsed<readonly [string, string]> {
  const at = item.indexOf('=');
  const [key, name] = [item.slice(0, at), item.slice(at + 1)];
  if (keys.includes(key)) return name === '' ? refuse(`has no name for ${key}`) : accept([key, name] as const);
  const near = closest(key, keys);
  const did = near === undefined ? '' : `, did you mean ${near}?`;
  return refuse(`has an unknown field ${key}${did}`, { takes: `the names ${keys.join(', ')}` });
}
