/** Which values of headers are secrets: the one place that says so. */

/** A value shorter than this is hidden only after its name: elsewhere every `1` would be hidden. */
export const LEAST_SEARCHED = 4;

/** A value that must not be shown. */
export interface Secret {
  readonly value: string;
  /** The name that it is the value of: `x-tenant`, or `v` in `?v=1`. A value too short to search for is hidden only after it. */
  readonly name?: string;
}

const STANDARD_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-length',
  'content-type',
  'date',
  'host',
  'idempotency-key',
  'if-modified-since',
  'if-unmodified-since',
  'pragma',
  'prefer',
  'priority',
  'user-agent',
  'x-request-id',
]);

/** True for headers whose value is no secret. */
export function isStandardHeader(name: string): boolean {
  return STANDARD_HEADERS.has(name.toLowerCase());
}

/** The secrets of these headers: the values of all but the standard ones, whole and in parts. */
export function secretsOfHeaders(headers: readonly (readonly [string, string])[]): Secret[] {
  return headers
    .filter(([name]) => !isStandardHeader(name))
    .flatMap(([name, text]) => {
      const value = text.trim();
      return [[{ name, value }], partsOf(value)].flat();
    });
}

function partsOf(value: string): Secret[] {
  const scheme = /^([A-Za-z][\w-]*) +(\S.*)$/.exec(value);
  if (scheme === null) return namedParts(value);
  const credentials = scheme[2] ?? '';
  const isBasic = scheme[1]?.toLowerCase() === 'basic';
  return [{ value: credentials }, ...(isBasic ? basicParts(credentials) : namedParts(credentials))];
}

function basicParts(token: string): Secret[] {
  const pair = fromBase64(token);
  const colon = pair.indexOf(':');
  if (colon === -1) return [];
  return secretsOfLogin(pair.slice(0, colon), pair.slice(colon + 1));
}

/** User name and password, by themselves and together; too short to be looked for, at least as they stand in a URL. */
export function secretsOfLogin(user: string, password: string): Secret[] {
  const pair = `${user}:${password}`;
  return [pair.length < LEAST_SEARCHED ? `${pair}@` : pair, user, password].map((value) => ({ value }));
}

function fromBase64(token: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(token), (byte) => byte.charCodeAt(0)));
  } catch {
    return '';
  }
}

/** `a=1; b=2` or `key="x", signature="y"`: each value by itself. */
function namedParts(value: string): Secret[] {
  return [...value.matchAll(/([^\s=";,]+)=\s*"?([^\s";,]+)/g)].map((match) => ({
    name: match[1] ?? '',
    value: match[2] ?? '',
  }));
}
