/** User name and password of a URL, as a header value and as secrets for the redactor. */

import { type Secret, secretsOfLogin } from '../../core/secrets.js';

export interface Credentials {
  /** `Basic …`, or undefined when the URL has none. */
  readonly authorization: string | undefined;
  readonly secrets: readonly Secret[];
}

/** The credentials in a URL. */
export function credentialsOf(url: URL): Credentials {
  if (url.username === '' && url.password === '') return { authorization: undefined, secrets: [] };
  const [user, password] = [percentDecoded(url.username), percentDecoded(url.password)];
  const token = Buffer.from(`${user}:${password}`, 'utf8').toString('base64');
  return { authorization: `Basic ${token}`, secrets: [{ value: token }, ...secretsOfLogin(user, password)] };
}

/** The text with `%xx` decoded, or unchanged where that is not possible. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
