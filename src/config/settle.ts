/** Values of `enrich` that follow from other settings. Nothing is refused here: contradictions.ts does that. */

import { plainEndpoint, TLS_KEYS } from './certificate-checks.js';
import { defaultOf, type Merged } from './merge.js';
import { isGiven, type MergedSettings, valueOf, writtenName } from './merged.js';
import { LEVELS } from './settings/setting.js';

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
