/** Where to ask for an answer that comes later: the Location of the first answer, or `--poll-url`. Always of the endpoint's origin. */

import type { Case } from '../../core/case.js';
import { UsageError } from '../../errors.js';
import { compileEndpoint, type Endpoint, type EndpointOptions } from './endpoint.js';

/** The whole URL, or why there is none. */
export type Place = { readonly url: string } | { readonly problem: string };

/**
 * Compiles the template of `--poll-url`: a URL of the endpoint's origin, or a path on it. Throws a UsageError that says what to
 * write instead.
 */
export function compilePollUrl(template: string, origin: string, options: EndpointOptions): Endpoint {
  const whole = template.startsWith('/') && !template.startsWith('//') ? origin + template : template;
  const compiled = compiledAs(whole, { ...options, answers: true });
  if (compiled.origin === origin && compiled.authorization === undefined) return compiled;
  if (compiled.authorization !== undefined)
    throw new UsageError('--poll-url has a user name or password: leave it out');
  throw new UsageError(`--poll-url is at ${compiled.origin}, and the endpoint at ${origin}`, {
    hint: "jobs are asked about where they were submitted: --poll-url '/jobs/{answer:/id}'",
  });
}

/** The messages of a template name the endpoint; here it is another one. */
function compiledAs(template: string, options: EndpointOptions): Endpoint {
  try {
    return compileEndpoint(template, options);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace(/^the endpoint/, '--poll-url'), {
      hint: "for example '/jobs/{answer:/id}', with the id that the first answer gives",
    });
  }
}

/** What a place is made from. */
export interface PlaceFacts {
  readonly template: Endpoint | undefined;
  readonly aCase: Case;
  /** The text of the first answer, when it is JSON. */
  readonly json: string | undefined;
}

/** The place that an answer gives; `url` is the one that answered. */
export function placeOf(
  { location, url, httpStatus }: { location: string | readonly string[] | undefined; url: string; httpStatus: number },
  { template, aCase, json }: PlaceFacts,
): Place {
  if (template !== undefined) {
    const rendered = template.render(aCase, json);
    return 'problem' in rendered ? rendered : { url: template.origin + rendered.path };
  }
  const what = `the answer comes later (${httpStatus})`;
  if (typeof location !== 'string' || location === '') {
    return { problem: `${what}, and has no Location to ask for it at: see --poll-url` };
  }
  return placeAt(location, url, what);
}

function placeAt(location: string, base: string, what: string): Place {
  let target: URL;
  try {
    target = new URL(location, base);
  } catch {
    return { problem: `${what}, and its Location is no URL` };
  }
  const { origin } = new URL(base);
  // `blob:http://host/x` counts as of that origin, and has no path.
  if (target.protocol === 'blob:') return { problem: `${what}, and its Location is no URL to ask at` };
  if (target.origin !== origin) {
    return { problem: `${what}, at another origin, ${target.origin}, where nothing is sent` };
  }
  return { url: origin + target.pathname + target.search };
}

/**
 * The path and query of a place, which may have been read from a file: only they are sent, to the endpoint's origin. Undefined
 * where there is none: what follows `javascript:` has no slash before it, and put behind an origin it would be part of the host.
 */
export function pathOfPlace(place: string, origin: string): string | undefined {
  try {
    const { pathname, search } = new URL(place, origin);
    return pathname.startsWith('/') ? pathname + search : undefined;
  } catch {
    return undefined;
  }
}
