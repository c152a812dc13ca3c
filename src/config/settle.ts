/** Values of `enrich` that follow from other settings. Nothing is refused here: contradictions.ts does that. */

import { TOKEN_KEYS, TOKEN_SOURCES } from './credential-checks.js';
import { plainEndpoint, TLS_KEYS } from './certificate-checks.js';
import type { Header } from './headers.js';
import { defaultOf, type Merged } from './merge.js';
import { isGiven, type MergedSettings, valueOf, writtenName } from './merged.js';
import { LEVELS } from './settings/setting.js';
import { tokenHeaderName } from './token-values.js';

/** The settings with values that follow from other settings filled in. */
export function settleEnrich(settings: MergedSettings): MergedSettings {
  return STEPS.reduce((now, step) => step(now), settings);
}

const STEPS = [
  oneOfResumeAndOverwrite,
  oneOfFailFastAndMaxFailures,
  batchPosts,
  oneClientCertificate,
  noCertificateForPlainEndpoint,
  oneTokenSource,
  tokenOrHeader,
  noTokenForBuiltInEndpoint,
];

function oneOfResumeAndOverwrite(settings: MergedSettings): MergedSettings {
  const both = valueOf(settings, 'resume') === true && valueOf(settings, 'overwrite') === true;
  return both ? withoutLower(settings, 'resume', 'overwrite') : settings;
}

function oneOfFailFastAndMaxFailures(settings: MergedSettings): MergedSettings {
  const both = valueOf(settings, 'onFailure') === 'fail-fast' && isGiven(settings, 'maxFailures');
  return both ? withoutLower(settings, 'onFailure', 'maxFailures') : settings;
}

/** A batch is sent by POST: it changes the default of the method. */
function batchPosts(settings: MergedSettings): MergedSettings {
  const method = settings.get('method');
  if (!isGiven(settings, 'batch') || isGiven(settings, 'method') || method === undefined) return settings;
  return replaced(settings, { ...method, value: 'POST', shown: `POST (${writtenName(settings, 'batch')})` });
}

/** A certificate by --pfx and one by --cert and --key: the pair is one, and goes or stays as one. */
function oneClientCertificate(settings: MergedSettings): MergedSettings {
  const pair = ['cert', 'key'].filter((key) => isGiven(settings, key));
  const pairRank = Math.min(...pair.map((key) => rank(settings, key)));
  if (!isGiven(settings, 'pfx') || pair.length === 0 || pairRank === rank(settings, 'pfx')) return settings;
  const lower = pairRank < rank(settings, 'pfx') ? ['pfx'] : pair;
  // The passphrase that stands beside a certificate is the one of its key.
  const beside = rank(settings, 'keyPassphrase') === rank(settings, lower[0] ?? 'pfx') ? ['keyPassphrase'] : [];
  return [...lower, ...beside].reduce(unset, settings);
}

/** An `--endpoint demo` for once, where the configuration has a certificate for the real one. */
function noCertificateForPlainEndpoint(settings: MergedSettings): MergedSettings {
  if (plainEndpoint(settings) === undefined || isGiven(settings, 'oauth2TokenUrl')) return settings;
  const lower = TLS_KEYS.filter((key) => isGiven(settings, key) && rank(settings, key) > rank(settings, 'endpoint'));
  return lower.filter((key) => key !== 'ca' || !isGiven(settings, 'queue')).reduce(unset, settings);
}

/** Of two sources of tokens the one that was named on a higher level: a command by flag, OAuth 2 in the file. */
function oneTokenSource(settings: MergedSettings): MergedSettings {
  const rankOfKeys = (keys: readonly string[]): number => Math.min(...keys.map((key) => givenRank(settings, key)));
  const highest = Math.min(...TOKEN_SOURCES.map(rankOfKeys));
  const others = TOKEN_SOURCES.filter((keys) => rankOfKeys(keys) > highest);
  return unsetBelow(settings, others.flat(), highest);
}

/** Of a token and a header of its name likewise. */
function tokenOrHeader(settings: MergedSettings): MergedSettings {
  const keys = [...TOKEN_SOURCES.flat(), ...TOKEN_KEYS];
  const source = Math.min(...TOKEN_SOURCES.flat().map((key) => givenRank(settings, key)));
  const name = tokenHeaderName(String(settings.get('tokenHeader')?.value));
  const header = headerRank(settings, name);
  if (header === source || header === Infinity || source === Infinity) return settings;
  return header < source ? unsetBelow(settings, keys, header) : withoutHeader(settings, name);
}

/** An `--endpoint demo` for once, where the configuration has credentials for the real one. */
function noTokenForBuiltInEndpoint(settings: MergedSettings): MergedSettings {
  const { value } = settings.get('endpoint') ?? {};
  if (value !== 'demo' && value !== 'demo:flaky') return settings;
  return unsetBelow(settings, [...TOKEN_SOURCES.flat(), ...TOKEN_KEYS], rank(settings, 'endpoint'));
}

/** On which level a header of this name was given. */
function headerRank(settings: MergedSettings, name: string): number {
  const isNamed = ({ text }: { readonly text: string }): boolean =>
    text.split(':', 1)[0]?.trim().toLowerCase() === name;
  const given = settings.get('headers')?.given.find(({ items }) => items.some(isNamed));
  return given === undefined ? Infinity : LEVELS.indexOf(given.origin.from);
}

function withoutHeader(settings: MergedSettings, name: string): MergedSettings {
  const headers = settings.get('headers');
  if (headers === undefined) return settings;
  const left = (headers.value as readonly Header[]).filter((header) => header.name.toLowerCase() !== name);
  return replaced(settings, { ...headers, value: left });
}

function unsetBelow(settings: MergedSettings, keys: readonly string[], highest: number): MergedSettings {
  return keys.filter((key) => isGiven(settings, key) && rank(settings, key) > highest).reduce(unset, settings);
}

/** Infinity where nothing was given. */
function givenRank(settings: MergedSettings, key: string): number {
  return isGiven(settings, key) ? rank(settings, key) : Infinity;
}

/** The one from the lower source gets its default; both stay when they come from the same source. */
function withoutLower(settings: MergedSettings, one: string, other: string): MergedSettings {
  if (rank(settings, one) === rank(settings, other)) return settings;
  return unset(settings, rank(settings, one) > rank(settings, other) ? one : other);
}

/** 0 for a flag, then environment and file. */
function rank(settings: MergedSettings, key: string): number {
  return LEVELS.indexOf(settings.get(key)?.given[0]?.origin.from ?? 'file');
}

function unset(settings: MergedSettings, key: string): MergedSettings {
  const one = settings.get(key);
  return one === undefined ? settings : replaced(settings, { ...one, value: defaultOf(one.setting), given: [] });
}

function replaced(settings: MergedSettings, one: Merged): MergedSettings {
  return new Map(settings).set(one.key, one);
}
