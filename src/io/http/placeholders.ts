/** The fields that a template's placeholders stand for, with a suggestion for a name that no case has. */

import { closest } from '../../text/did-you-mean.js';
import type { Case } from '../../core/case.js';
import { textAtName } from '../../json/text.js';
import { exportName } from '../../core/cases/record.js';

/** The field names of an export. */
export interface ExportNames {
  /** Maps known field names to those of the export. */
  readonly fieldNames?: Readonly<Record<string, string>> | undefined;
  /** The field that holds the id; default `id`. */
  readonly idField?: string | undefined;
}

export class Placeholders {
  readonly #fieldNames: Readonly<Record<string, string>>;
  readonly #idField: string;
  /** Placeholder names that at least one case had a field for. */
  readonly #seen = new Set<string>();
  /** By placeholder name, the suggestion from the first case without that field. */
  readonly #meant = new Map<string, string | undefined>();

  constructor({ fieldNames = {}, idField = 'id' }: ExportNames) {
    this.#fieldNames = fieldNames;
    this.#idField = idField;
  }

  /** The export's own name of the field that `{name}` stands for. */
  fieldOf(name: string): string {
    return exportName(name, this.#fieldNames);
  }

  /** The source text of the case's value,with an id trimmed; undefined when it has no such field. */
  textOf(aCase: Case, name: string): string | undefined {
    const field = this.fieldOf(name);
    const text = textAtName(aCase.text, field);
    if (text !== undefined) this.#seen.add(name);
    return field === this.#idField ? idText(text, aCase.id) : text;
  }

  /**
   * What `{name}` probably should be, for a case that has no such field; undefined when no name is similar, or when
   * another case had the field. The first case decides.
   */
  meant(aCase: Case, name: string): string | undefined {
    if (this.#seen.has(name)) return undefined;
    if (!this.#meant.has(name)) this.#meant.set(name, closest(this.fieldOf(name), this.#namesIn(aCase)));
    return this.#meant.get(name);
  }

  #namesIn(aCase: Case): string[] {
    const members = Object.entries(aCase.value).flatMap(([name, value]) => memberNames(name, value));
    return ['id', ...Object.keys(this.#fieldNames), ...Object.keys(aCase.value), ...members].slice(0, MOST_NAMES);
  }
}

function idText(text: string | undefined, id: string): string | undefined {
  return text?.startsWith('"') && JSON.parse(text) !== id ? JSON.stringify(id) : text;
}

// A case may be large: only its first names are compared.
const MOST_NAMES = 500;

function memberNames(name: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.keys(value).map((member) => `${name}.${member}`);
}
