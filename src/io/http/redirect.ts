/** Which redirects are followed: within the origin, at most three in a row, and never with another method. */

const MAX_REDIRECTS = 3;
const ANY_METHOD: ReadonlySet<number> = new Set([307, 308]);
const GET_ONLY: ReadonlySet<number> = new Set([301, 302, 303]);

export interface RedirectContext {
  readonly method: string;
  /** The URL that answered. */
  readonly url: string;
  /** Redirects followed so far. */
  readonly followed: number;
  /** The endpoint without secrets, for messages. */
  readonly display: string;
}

/** The path to request instead, or why the redirect is refused. */
export type Redirect = { readonly follow: string } | { readonly refuse: string };

/** What to do about an answer; undefined when it is no redirect with a usable location. */
export function redirectOf(
  httpStatus: number,
  location: string | readonly string[] | undefined,
  context: RedirectContext,
): Redirect | undefined {
  if (!isFollowed(httpStatus, context.method)) return undefined;
  const target = targetOf(location, context.url);
  if (target === undefined) return undefined;
  const here = new URL(context.url);
  if (target.origin !== here.origin) return { refuse: elsewhere(here, target, context.display) };
  if (context.followed >= MAX_REDIRECTS) return { refuse: `redirected more than ${MAX_REDIRECTS} times` };
  return { follow: target.pathname + target.search };
}

function isFollowed(httpStatus: number, method: string): boolean {
  const isRead = method === 'GET' || method === 'HEAD';
  return ANY_METHOD.has(httpStatus) || (isRead && GET_ONLY.has(httpStatus));
}

function targetOf(location: string | readonly string[] | undefined, base: string): URL | undefined {
  if (typeof location !== 'string' || location === '') return undefined;
  try {
    const target = new URL(location, base);
    // `blob:http://host/x` counts as of that origin, and has no path.
    return target.protocol === 'blob:' ? undefined : target;
  } catch {
    return undefined;
  }
}

function elsewhere(here: URL, target: URL, display: string): string {
  const isUpgrade = here.protocol === 'http:' && target.protocol === 'https:' && here.hostname === target.hostname;
  if (!isUpgrade) return `redirected to another origin, ${target.origin}, which is not followed`;
  const path = display.slice(display.indexOf('/', 'http://'.length));
  return `redirected to https: make the endpoint ${target.origin}${path}`;
}
