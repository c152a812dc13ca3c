/** URLs of PostgreSQL tables as names of inputs and outputs: told apart from files, and kept free of passwords. */

const SCHEME = /^postgres(?:ql)?:\/\//i;

/** `postgres://…`; in upper case too, which the type does not say. */
export type TableUrl = `postgres${string}`;

/** True for a name that is a table in a database rather than a file. */
export function isTableUrl(name: string | undefined): name is TableUrl {
  return name !== undefined && SCHEME.test(name);
}

/** True when the URL names its table; otherwise `--query` says what is read. */
export function namesTable(url: string): boolean {
  return /[?&]table=/.test(url);
}

export interface SplitUrl {
  /** The URL without its password: what may be shown and stored. */
  readonly shown: string;
  /** As it is written in the URL, with its escapes; absent where there is none. */
  readonly password?: string;
}

/**
 * Takes the password out of a URL. undefined where it can't be told for sure: a password with an `@` or `/` that is not
 * escaped, so that nothing of the URL may be shown.
 */
export function splitPassword(url: string): SplitUrl | undefined {
  const start = SCHEME.exec(url)?.[0].length ?? 0;
  const length = url.slice(start).search(/[/?#]|$/);
  const authority = url.slice(start, start + length);
  const rest = url.slice(start + length);
  const login = authority.slice(0, Math.max(0, authority.lastIndexOf('@')));
  if (login.includes('@') || isCutByPassword(authority, rest)) return undefined;
  const colon = login.indexOf(':');
  if (colon === -1) return { shown: url };
  const shown = `${url.slice(0, start)}${login.slice(0, colon)}${authority.slice(login.length)}${rest}`;
  return { shown, password: login.slice(colon + 1) };
}

/** The URL without its password, and any other text as it is. */
export function withoutPassword(text: string): string {
  if (!isTableUrl(text)) return text;
  return splitPassword(text)?.shown ?? 'postgres://***';
}

/** Every password in URLs of tables within these texts, for the redactor: as written and decoded. */
export function passwordsIn(texts: readonly (string | undefined)[]): string[] {
  const found = texts.flatMap((text) => [...(text ?? '').matchAll(/postgres(?:ql)?:\/\/[^\s:@]*:(\S*)@/gi)]);
  return found.flatMap((match) => spellings(match[1] ?? ''));
}

/** A password as the redactor should know it; a short one only where it stands in a URL. */
export function spellings(password: string): string[] {
  const all = [...new Set([password, decoded(password)])].filter((text) => text !== '');
  return all.flatMap((text) => (text.length < 4 ? [`:${text}@`] : [text]));
}

/** The text with `%xx` decoded, or unchanged where that is not possible. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** True where what looks like host and path may be parts of a password that has `/`, `?` or `#` in it. */
function isCutByPassword(authority: string, rest: string): boolean {
  const [path = ''] = rest.split('?', 1);
  if (path.includes('@')) return true;
  const port = /:([^:@\]]*)$/.exec(authority)?.[1];
  return rest.includes('@') && port !== undefined && !/^\d*$/.test(port);
}
