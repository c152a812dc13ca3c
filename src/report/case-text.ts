/** Cases as JSON or NDJSON: their source text, whole or some of its members. */

import type { Case } from '../core/case.js';
import { textAtName } from '../json/text.js';
import { exportName } from '../core/cases/record.js';

/** One way to write cases: each call returns the text to write next. */
export interface CaseRenderer {
  begin(): string;
  case(aCase: Case): string;
  end(): string;
  /** Of a sheet: how many cases have something that no column of its own takes. */
  readonly rowsWithOther?: number;
}

export interface CaseTextOptions {
  /** Only these members, dotted names too; what is missing is null. */
  readonly fields?: readonly string[] | undefined;
  /** What known fields are called in this export. */
  readonly fieldNames?: Readonly<Record<string, string | undefined>>;
  /** Transforms a case's JSON before it is written. */
  readonly shown?: (json: string) => string;
}

/** An array with a case on each line. */
export function casesAsJson(options: CaseTextOptions): CaseRenderer {
  let lead = '\n  ';
  return {
    begin: () => '[',
    case(aCase) {
      const text = lead + caseText(aCase, options);
      lead = ',\n  ';
      return text;
    },
    end: () => (lead === '\n  ' ? ']\n' : '\n]\n'),
  };
}

/** A case on each line. */
export function casesAsNdjson(options: CaseTextOptions): CaseRenderer {
  return { begin: () => '', case: (aCase) => `${caseText(aCase, options)}\n`, end: () => '' };
}

function caseText(aCase: Case, options: CaseTextOptions): string {
  const { shown = (json: string) => json } = options;
  return shown(memberText(aCase, options));
}

function memberText(aCase: Case, { fields, fieldNames }: CaseTextOptions): string {
  if (fields === undefined) return aCase.text;
  const members = fields.map((field) => {
    const text = textAtName(aCase.text, exportName(field, fieldNames));
    return `${JSON.stringify(field)}:${text ?? (field === 'id' ? JSON.stringify(aCase.id) : 'null')}`;
  });
  return `{${members.join(',')}}`;
}
