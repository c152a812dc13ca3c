/** One setting: what its sources gave, parsed and brought to one value. */

import { type Given, givenFor, type Item, type Sources } from './given.js';
import { type Header, mergeHeaders } from './headers.js';
import { type Origin, valueError } from './origin.js';
import type { Setting } from './settings/setting.js';

/** One setting after its sources were merged. */
export interface Merged {
  readonly key: string;
  readonly setting: Setting;
  readonly value: unknown;
  /** What was given, highest source first; empty for a default. */
  readonly given: readonly Given[];
  /** The value as text where a default was replaced by what follows from another setting. */
  readonly shown?: string;
}

/** The value from the highest source that gave one; headers are merged by name. Throws a UsageError. */
export function merge(key: string, setting: Setting, sources: Sources): Merged {
  const given = givenFor(key, setting, sources);
  if (setting.type.file === '@lines')
    return { key, setting, given, value: mergeHeaders(given.map(headersOf(setting))) };
  const [highest] = given;
  const value = highest === undefined ? defaultOf(setting) : parseItems(highest.items, setting);
  return { key, setting, given, value };
}

function headersOf(setting: Setting): (given: Given) => readonly Header[] {
  return ({ items }) =>
    items.map((item) => {
      const header = parseItem(item, setting) as Header;
      return item.hidden ? { ...header, secret: true } : header;
    });
}

/** The value that a setting has when no source says anything. */
export function defaultOf(setting: Setting): unknown {
  if (setting.default === undefined) return setting.type.absent;
  const origin: Origin = { from: 'flag', name: 'default' };
  return parseItems([{ text: setting.default, origin, hidden: false }], setting);
}

function parseItems(items: readonly Item[], setting: Setting): unknown {
  return setting.type.collect(items.map((item) => parseItem(item, setting)));
}

function parseItem(item: Item, setting: Setting): unknown {
  const parsed = setting.type.parse(item.text);
  if (parsed.ok) return parsed.value;
  throw valueError(item.origin, item.text, setting.type, item.hidden || setting.private === true, parsed);
}
