/** Where each effective value came from, and the flags among them that another command needs too. */

import type { Given } from './given.js';
import type { Merged } from './merge.js';
import type { MergedSettings } from './merged.js';
import { flagName, type Setting } from './settings/setting.js';
import { GLOBAL, READING } from './settings/cases.js';
import type { Provenance } from './resolved.js';
import { withoutPassword } from '../text/table-url.js';

type Sources = Readonly<Record<string, Provenance>>;

/** By configuration key, each setting. */
export function provenances(merged: MergedSettings): Sources {
  return Object.fromEntries([...merged].map(([key, one]) => [key, provenance(one)]));
}

/** The flags of the line that say which settings are read, as arguments: every command for the same results needs them. */
export function configFlags(sources: Sources): readonly string[] {
  return flagsGiven({ config: GLOBAL.config, unset: GLOBAL.unset }, sources);
}

/** The flags of the line that say how case files are read, as arguments: every command for the same files needs them. */
export function inputFlags(sources: Sources): readonly string[] {
  const { files: _, fieldNames: _names, ...flags } = READING;
  return [...flagsGiven(flags, sources), ...configFlags(sources)];
}

function flagsGiven(settings: Readonly<Record<string, Setting>>, sources: Sources): readonly string[] {
  return Object.entries(settings).flatMap(([key, setting]) => {
    const source = sources[key];
    if (source?.from !== 'flag' || source.text === undefined) return [];
    return [
      `--${flagName(key, setting) ?? key}`,
      setting.type.separator ? source.text.replaceAll(', ', ',') : source.text,
    ];
  });
}

function provenance({ given, setting, shown }: Merged): Provenance {
  const [highest] = given;
  if (highest === undefined) {
    return { from: 'default', where: 'default', ...textOf(shown ?? setting.default ?? setting.defaultText) };
  }
  const where = [...new Set(given.map((one) => placeName(one, setting)))].join(', ');
  const hidden = setting.private === true || highest.items.some((item) => item.hidden);
  const text = hidden ? undefined : highest.items.map((item) => withoutPassword(item.text)).join(', ');
  return { from: highest.origin.from, where, ...textOf(text) };
}

function placeName({ origin }: Given, setting: Setting): string {
  const isArgument = setting.argument && origin.from === 'flag';
  return origin.file ?? (isArgument ? setting.type.placeholder : origin.name);
}

function textOf(text: string | undefined): { readonly text?: string } {
  return text === undefined ? {} : { text };
}
