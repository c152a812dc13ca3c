/** The language of the search box: words, "phrases" and `field:value`, where `*` stands for anything. */

/** A word, a phrase or a field's value that is searched for. */
export interface Token {
  /** The token as typed. */
  readonly source: string;
  readonly field: string | undefined;
  /** In lower case. */
  readonly value: string;
}

const TOKEN = /(?:(kind|status|code|phase|not-retried|id|file):)?(?:"([^"]*)"|(\S+))/gi;

export function parseQuery(text: string): Token[] {
  return Array.from(text.matchAll(TOKEN), ([source, field, quoted, bare = '']) => ({
    source,
    field: field?.toLowerCase(),
    value: (quoted ?? bare).toLowerCase(),
  }));
}

/** Whether both are the same token: the search does not tell upper from lower case. */
export function isSameToken(source: string, other: string): boolean {
  return source.toLowerCase() === other.toLowerCase();
}

/** Tests whether a text (in lower case) is the pattern, in which `*` stands for any characters. */
export function globTest(pattern: string): (text: string) => boolean {
  if (!pattern.includes('*')) return (text) => text === pattern;
  const source = pattern.replace(/[.+?^$(){}|[\]\\]/g, String.raw`\$&`).replace(/\*+/g, '.*');
  const expression = new RegExp(`^${source}$`, 's');
  return (text) => expression.test(text);
}

/** What is searched for, and the column that sorts: `time` upwards, `-time` downwards, empty for the input's order. */
export interface Search {
  readonly query: string;
  readonly sort: string;
}

/** The search that the address after `#` holds, if it holds one. */
export function searchInAddress(hash: string): Search | undefined {
  const found = new URLSearchParams(hash.replace(/^#/, ''));
  if (!found.has('q') && !found.has('sort')) return undefined;
  return { query: found.get('q') ?? '', sort: found.get('sort') ?? '' };
}

/** The search as part of an address, with its `#`. Lone surrogates, which no address can have, become `*`. */
export function searchAddress({ query, sort }: Search): string {
  const typed = query.trim().replace(/\p{Cs}/gu, '*');
  const parts = [
    ...(typed === '' ? [] : [`q=${encodeURIComponent(typed)}`]),
    ...(sort === '' ? [] : [`sort=${encodeURIComponent(sort)}`]),
  ];
  return `#${parts.join('&')}`;
}
