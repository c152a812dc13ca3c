/** What a setting is, and how its key, flag and environment name belong together. */

import type { AnyValueType, ValueType } from './value-type.js';

/** Where a value can come from, highest first. */
export const LEVELS = ['flag', 'environment', 'file'] as const;
export type Level = (typeof LEVELS)[number];

/** One setting. Its key in the table is its key in the configuration file and, in kebab case, its flag. */
export interface Setting {
  readonly type: AnyValueType;
  /** One line, without a full stop. */
  readonly help: string;
  /** As it would be written for the flag. */
  readonly default?: string;
  /** What help shows as default where there is no value for it. */
  readonly defaultText?: string;
  /** The flag where it is not the key in kebab case. */
  readonly flag?: string;
  readonly short?: string;
  /** Shown by `-h`, not only by `--help`. */
  readonly common?: true;
  /** An argument (FILE...) rather than a flag. */
  readonly argument?: true;
  /** Where it can be set; everywhere when absent. */
  readonly from?: readonly Level[];
  /** Its value is not shown in messages and provenance. */
  readonly private?: true;
  readonly otherNames?: readonly OtherName[];
}

/** A second name for a setting: with a `value` it is a shorthand for that value, else it takes one itself. */
export interface OtherName {
  readonly flag: string;
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
}

export type Shorthand = OtherName & { readonly value: string };

export type Settings = Readonly<Record<string, Setting>>;

export interface Group {
  readonly title: string;
  readonly settings: Settings;
}

/** The parsed values of a group of settings. */
export type ValuesOf<G extends Settings> = Simplify<
  { readonly [K in GivenKeys<G> as NameOf<K, G[K]>]: ValueOf<G[K]> } & {
    readonly [K in Exclude<keyof G & string, GivenKeys<G>> as NameOf<K, G[K]>]?: Exclude<ValueOf<G[K]>, undefined>;
  }
>;
type Simplify<T> = { [K in keyof T]: T[K] };
type ValueOf<S extends Setting> =
  S['type'] extends ValueType<infer T, infer Absent, string> ? (S extends { default: string } ? T : T | Absent) : never;
type NameOf<K extends string, S extends Setting> = `${K}${S['type']['suffix']}`;
type GivenKeys<G extends Settings> = {
  [K in keyof G & string]: undefined extends ValueOf<G[K]> ? never : K;
}[keyof G & string];

/** The setting's flag without dashes, or undefined for an argument or a setting of the configuration file alone. */
export function flagName(key: string, setting: Setting): string | undefined {
  if (setting.argument || !comesFrom(setting, 'flag')) return undefined;
  return setting.flag ?? key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `CASE_TRACKER_` and the flag in capitals. */
export function environmentName(flag: string): string {
  return `CASE_TRACKER_${flag.toUpperCase().replaceAll('-', '_')}`;
}

export function comesFrom(setting: Setting, level: Level): boolean {
  return setting.from === undefined || setting.from.includes(level);
}

/** Other names of a setting that take a value: they are keys and environment names too. */
export function valueNames(setting: Setting): readonly string[] {
  return (setting.otherNames ?? []).filter((other) => other.value === undefined).map((other) => other.flag);
}

/** Other names that stand for one value of the setting; in the environment they are switches: `CASE_TRACKER_VERBOSE=1`. */
export function shorthandsOf(setting: Setting): readonly Shorthand[] {
  return (setting.otherNames ?? []).filter((other): other is Shorthand => other.value !== undefined);
}

/** All other names of a setting. */
export function otherFlags(setting: Setting): readonly string[] {
  return (setting.otherNames ?? []).map((other) => other.flag);
}
