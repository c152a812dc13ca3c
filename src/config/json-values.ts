/** Values of the configuration file as the texts that a flag would have: one parser then serves every source. */

import { hookTexts } from './hooks.js';
import { accept, type Parsed, refuse } from './parse-values.js';
import type { JsonForm } from './settings/json-form.js';

export function textsOfJson(json: JsonForm, value: unknown): Parsed<readonly string[]> {
  switch (json.form) {
    case 'boolean':
      return typeof value === 'boolean' ? accept([String(value)]) : refuse('must be true or false');
    case 'integer':
      return typeof value === 'number' ? accept([String(value)]) : refuse('must be a number');
    case 'share':
      return isShareForm(value) ? accept([String(value)]) : refuse('must be a number or a percentage such as "5%"');
    case 'string':
      return textOf(value, json.pattern !== undefined);
    case 'choice':
      return typeof value === 'string' ? accept([value]) : refuse(`must be one of ${json.choices.join(', ')}`);
    case 'strings':
      return textsOf(value);
    case 'hooks':
      return hookTexts(value);
    case 'names':
      return linesOf(value, json.joiner);
  }
}

// A bare number is passed on where the parser has more to say about it than its type: which unit it needs.
function textOf(value: unknown, numberToo: boolean): Parsed<readonly string[]> {
  if (typeof value === 'string' || (numberToo && typeof value === 'number')) return accept([String(value)]);
  return refuse('must be a string');
}

function textsOf(value: unknown): Parsed<readonly string[]> {
  if (typeof value === 'string') return accept([value]);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return accept(value);
  return refuse('must be a string or an array of strings');
}

function linesOf(value: unknown, joiner: string): Parsed<readonly string[]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('must be an object');
  const entries = Object.entries(value);
  if (!entries.every(([, text]) => typeof text === 'string')) return refuse('must be an object of strings');
  return accept(entries.map(([name, text]) => `${name}${joiner}${text}`));
}

function isShareForm(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
