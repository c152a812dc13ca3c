/** The formats of `validate`: each call returns the text to write next. */

import type { Resolved } from '../../config/resolved.js';
import type { Place } from '../../core/case.js';
import { placeText } from '../../core/case.js';
import { workflowCommand } from '../../report/annotations.js';
import { printable, printableJson } from '../../text/printable.js';

/** A record that is not a valid case; without line and index it is the whole file. */
export interface Problem {
  readonly place: Place;
  readonly caseId: string | null;
  readonly message: string;
}

export interface ProblemFormat {
  begin(): string;
  problem(problem: Problem): string;
  end(): string;
}

export function problemFormat(name: Resolved<'validate'>['values']['format']): ProblemFormat {
  if (name === 'json') return jsonArray();
  const problem = { text: asText, ndjson: asLine, github: asAnnotation }[name];
  return { begin: () => '', problem, end: () => '' };
}

/** `cases.ndjson:77: no id`. A message about a whole file names it. */
function asText(problem: Problem): string {
  return `${printable(textOf(problem))}\n`;
}

function textOf({ place, message }: Problem): string {
  const isFile = place.line === undefined && place.index === undefined;
  return isFile ? message : `${placeText(place)}: ${message}`;
}

function asLine(problem: Problem): string {
  return `${asObject(problem)}\n`;
}

function asObject({ place, caseId, message }: Problem): string {
  return printableJson(JSON.stringify({ ...place, caseId, message }));
}

function asAnnotation(problem: Problem): string {
  const { file, line } = problem.place;
  return workflowCommand('error', { title: 'invalid case', lines: [textOf(problem)], file, line });
}

function jsonArray(): ProblemFormat {
  let lead = '\n  ';
  return {
    begin: () => '[',
    problem(problem) {
      const text = lead + asObject(problem);
      lead = ',\n  ';
      return text;
    },
    end: () => (lead === '\n  ' ? ']\n' : '\n]\n'),
  };
}
