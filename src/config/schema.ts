/** The configuration file as a JSON Schema (draft 2020-12), by zod. Loaded only where it is printed. */

import { z } from 'zod';
import { NOTIFY_EVENTS } from '../core/notify-hooks.js';
import { configurationKeys } from './settings/index.js';
import type { Setting } from './settings/setting.js';
import type { JsonForm } from './settings/json-form.js';

/** A JSON Schema object for the keys of the configuration file, with descriptions and defaults. */
export function configSchema(): Record<string, unknown> {
  return z.toJSONSchema(configObject(), { target: 'draft-2020-12', io: 'input' });
}

/** The same as a zod schema. Texts are checked for their form; bounds of durations and sizes only when they are read. */
export function configObject(): z.ZodObject {
  const shape = [...configurationKeys()].map(([key, settings]) => [key, keySchema(settings)] as const);
  const about = 'Configuration of case-tracker; a flag or an environment variable of the same name counts first.';
  return z
    .strictObject({ $schema: z.string().optional(), ...Object.fromEntries(shape) })
    .describe(about)
    .meta({ title: 'case-tracker configuration' });
}

/** One key can mean another set of words for each command (`format`). */
function keySchema(settings: readonly Setting[]): z.ZodType {
  const [first] = settings;
  if (first === undefined) return z.never();
  const choices = settings.flatMap(({ type }) => (type.json.form === 'choice' ? type.json.choices : []));
  const json: JsonForm = choices.length > 0 ? { form: 'choice', choices: [...new Set(choices)] } : first.type.json;
  const help = settings.length > 1 ? 'How it is written; a value counts for the commands that know it' : first.help;
  const defaults = new Set(settings.map((setting) => setting.default));
  return described(formSchema(json), help, defaults.size === 1 ? jsonDefault(first) : undefined).optional();
}

function described(schema: z.ZodType, help: string, value: unknown): z.ZodType {
  return value === undefined ? schema.describe(help) : schema.meta({ description: help, default: value });
}

function jsonDefault({ type, default: text }: Setting): unknown {
  if (type.json.form === 'boolean') return false;
  if (text === undefined) return undefined;
  const isNumber = type.json.form === 'integer' || type.json.form === 'share';
  return isNumber ? Number(text) : text;
}

function formSchema(json: JsonForm): z.ZodType {
  switch (json.form) {
    case 'boolean':
      return z.boolean();
    case 'integer':
      return z.int().min(json.min).max(json.max);
    case 'share':
      return z.union([z.int().min(0), z.string().regex(/^(none|\d+|\d+(\.\d+)?%)$/)]);
    case 'string':
      return withVariables(json.pattern);
    case 'choice':
      return z.enum(json.choices);
    case 'hooks':
      return hooksSchema();
    case 'strings':
      return stringsSchema(json.choices);
    case 'names':
      return namesSchema(json.keys);
  }
}

// `${NAME}` may stand for a whole value or a part of it.
function withVariables(pattern: RegExp | undefined): z.ZodType {
  return pattern === undefined ? z.string() : z.string().regex(new RegExp(`${pattern.source}|\\$\\{`));
}

function stringsSchema(choices: readonly string[] | undefined): z.ZodType {
  return z.union([z.array(choices === undefined ? z.string() : z.enum(choices)), z.string()]);
}

function hooksSchema(): z.ZodType {
  const hook = z.strictObject({ url: z.string(), on: z.array(z.enum(NOTIFY_EVENTS)).min(1).optional() });
  return z.union([z.array(z.union([hook, z.string()])), z.string()]);
}

function namesSchema(keys: readonly string[] | undefined): z.ZodType {
  if (keys === undefined) return z.record(z.string(), z.string());
  return z.strictObject(Object.fromEntries(keys.map((key) => [key, z.string().optional()])));
}
