/** Credential settings that contradict each other, or that lack a part. */

import { UsageError } from '../errors.js';
import type { Header } from './headers.js';
import { isGiven, type MergedSettings as Settings, valueOf, writtenName as at } from './merged.js';
import { tokenHeaderName } from './token-values.js';
import { isLoopbackName } from '../text/loopback.js';

/** The settings of OAuth 2, by key; the first three are needed. */
export const OAUTH2_KEYS = [
  'oauth2TokenUrl',
  'oauth2ClientId',
  'oauth2ClientSecret',
  'oauth2Scope',
  'oauth2Audience',
  'oauth2Auth',
] as const;
/** Where tokens can come from: the keys of each source. */
export const TOKEN_SOURCES: readonly (readonly string[])[] = [['tokenCommand'], ['tokenFile'], OAUTH2_KEYS];
/** The settings that need a source. */
export const TOKEN_KEYS = ['tokenHeader', 'tokenRefreshOn'] as const;

const NEEDED = OAUTH2_KEYS.slice(0, 3);

/** Throws a UsageError for the first contradiction. */
export function checkCredentials(settings: Settings): void {
  oneSource(settings);
  allOfOAuth2(settings);
  tokenUrlCanBeUsed(settings);
  tokenNeedsSource(settings);
  oneHeader(settings);
}

/** The settings that name a source, by the first key of each that is given. */
function sourcesOf(settings: Settings): readonly string[] {
  return TOKEN_SOURCES.flatMap((keys) => keys.filter((key) => isGiven(settings, key)).slice(0, 1));
}

function oneSource(settings: Settings): void {
  const [one, other] = sourcesOf(settings);
  if (one === undefined || other === undefined) return;
  refuse(`${at(settings, one)} and ${at(settings, other)}: tokens come from one of them`, 'give one of them');
}

function allOfOAuth2(settings: Settings): void {
  const given = OAUTH2_KEYS.find((key) => isGiven(settings, key));
  const missing = NEEDED.filter((key) => !isGiven(settings, key));
  if (given === undefined || missing.length === 0) return;
  const flags = missing.map((key) => `${at(settings, key)} ${PLACEHOLDERS.get(key) ?? ''}`);
  refuse(`${at(settings, given)} needs ${flags.join(' and ')} too`, `add ${flags.join(' ')}`);
}

const PLACEHOLDERS: ReadonlyMap<string, string> = new Map([
  ['oauth2TokenUrl', 'URL'],
  ['oauth2ClientId', 'ID'],
  ['oauth2ClientSecret', '@FILE'],
]);

/** The secret goes there: over TLS, or not over a network at all. The URL is not shown, for it may have secrets in it. */
function tokenUrlCanBeUsed(settings: Settings): void {
  if (!isGiven(settings, 'oauth2TokenUrl')) return;
  const name = at(settings, 'oauth2TokenUrl');
  const text = valueOf(settings, 'oauth2TokenUrl') as string;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) refuse(`${name} is no https:// URL`, EXAMPLE);
  if (/[{}]/.test(text)) refuse(`${name} has a placeholder, and is one URL for all cases`, EXAMPLE);
  if (url.username !== '' || url.password !== '') {
    refuse(`${name} has a user name or password in it`, '--oauth2-client-id ID --oauth2-client-secret @FILE');
  }
  if (text.includes('#')) refuse(`${name} has a fragment, which no server would see`, EXAMPLE);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    refuse(`${name} is http: the client's secret would be readable on the way`, 'https://…; http is for loopback only');
  }
}

const EXAMPLE = 'for example https://id.example.com/oauth2/token';

function isLoopback(host: string): boolean {
  return isLoopbackName(host) || host.endsWith('.localhost');
}

function tokenNeedsSource(settings: Settings): void {
  const key = TOKEN_KEYS.find((one) => isGiven(settings, one));
  if (key === undefined || sourcesOf(settings).length > 0) return;
  refuse(
    `${at(settings, key)} is about tokens, and there are none`,
    '--token-command CMD, --token-file FILE or --oauth2-token-url URL says where they come from',
  );
}

function oneHeader(settings: Settings): void {
  const [source] = sourcesOf(settings);
  if (source === undefined) return;
  const name = tokenHeaderName(valueOf(settings, 'tokenHeader') as string);
  const isThere = (valueOf(settings, 'headers') as readonly Header[]).some(
    (header) => header.name.toLowerCase() === name,
  );
  if (isThere) {
    refuse(
      `${at(settings, 'headers')} and ${at(settings, source)} both set the header ${name}`,
      `give one of them; --token-header puts the token into another header`,
    );
  }
  if (name === 'authorization' && hasLogin(valueOf(settings, 'endpoint') as string)) {
    refuse(
      `the user name in the URL of ${at(settings, 'endpoint')} and ${at(settings, source)} both set the header authorization`,
      'give one of them; --token-header puts the token into another header',
    );
  }
}

function hasLogin(url: string): boolean {
  return /^[a-z]+:\/\/[^/?#]*@/i.test(url);
}

function refuse(message: string, hint: string): never {
  throw new UsageError(message, { hint });
}
