/** The body of a request: a text whose `{field}` become JSON values. */

import type { Case } from '../../core/case.js';
import { UsageError } from '../../errors.js';
import { type ExportNames, Placeholders } from './placeholders.js';

export interface BodyTemplateOptions extends ExportNames {
  /** Whether the body must be JSON; a template that can't become JSON is refused. Default true. */
  readonly json?: boolean;
  /** Called once for each placeholder without a field in the first case, where a similar name exists. */
  readonly misspelt?: ((name: string, meant: string) => void) | undefined;
}

// A name in braces, as fields and columns have them: `{id}`, `{customer.tier}`, `{Observable Type}`, `{Priorität (neu)}`.
// A brace of JSON itself is followed by a quote, white space or a brace.
const PLACEHOLDER = /\{([\p{L}_](?:[\p{L}\p{M}\p{N}_\-./#()&%+?' ]*[\p{L}\p{M}\p{N}_\-#()%?])?)\}/gu;

/** True when a body is not the same for every case. */
export function hasPlaceholder(template: string): boolean {
  return template.search(PLACEHOLDER) !== -1;
}

/**
 * Compiles a body template. A placeholder becomes the field's source text (`{id}` the id as a JSON string), and `null`
 * where the case has no such field.
 */
export function compileBody(template: string, options: BodyTemplateOptions = {}): (aCase: Case) => string {
  if (options.json ?? true) refuseUnlessJson(template);
  const value = valueTexts(new Placeholders(options), options.misspelt ?? (() => {}));
  // Splitting by a pattern with one group gives literals and names in turn.
  const pieces = template.split(PLACEHOLDER);
  return (aCase) => {
    let body = pieces[0] ?? '';
    for (let at = 1; at < pieces.length; at += 2) {
      body += value(aCase, pieces[at] ?? '') + (pieces[at + 1] ?? '');
    }
    return body;
  };
}

function valueTexts(
  placeholders: Placeholders,
  misspelt: (name: string, meant: string) => void,
): (aCase: Case, name: string) => string {
  const told = new Set<string>();
  return (aCase, name) => {
    if (name === 'id') return JSON.stringify(aCase.id);
    const text = placeholders.textOf(aCase, name);
    if (text !== undefined) return text;
    const meant = told.has(name) ? undefined : placeholders.meant(aCase, name);
    if (meant !== undefined) misspelt(name, meant);
    told.add(name);
    return 'null';
  };
}

/** Tries the template with a string in every place: that also finds placeholders within quotes. */
function refuseUnlessJson(template: string): void {
  try {
    JSON.parse(template.replace(PLACEHOLDER, '""'));
  } catch (error) {
    throw new UsageError('the body template does not make a JSON document', {
      hint: 'a placeholder becomes a whole JSON value, quotes included: {"case": {id}, "title": {title}}\nfor a body that is not JSON give its type: --header \'content-type: text/plain\'',
      cause: error,
    });
  }
}
