/**
 * The token, from the fragment of the address. A fragment is in no request and in no Referer, and no other page can read
 * it. It stays in the address, so that the page can be loaded again; besides that it is kept in memory only, not in
 * cookies (they reach every port of the host) nor in the browser's storage.
 */

/** The token in a fragment (`#TOKEN`); undefined without one. */
export function tokenInFragment(hash: string): string | undefined {
  const text = hash.replace(/^#/, '');
  return text === '' ? undefined : decoded(text);
}

/** The token in what somebody has pasted: the whole address, or the token itself. */
export function tokenInPasted(text: string): string | undefined {
  const typed = text.trim();
  const at = typed.indexOf('#');
  if (at === -1 && /^https?:/i.test(typed)) return undefined;
  return tokenInFragment(at === -1 ? typed : typed.slice(at));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
