/** Certificate settings that contradict each other, or that the endpoint would never see. */

import { UsageError } from '../errors.js';
import { isGiven, type MergedSettings as Settings, valueOf, writtenName as at } from './merged.js';

/** The settings of the TLS connection, by key. */
export const TLS_KEYS = ['cert', 'key', 'pfx', 'keyPassphrase', 'ca'] as const;

/** Throws a UsageError for the first contradiction. */
export function checkCertificates(settings: Settings): void {
  oneCertificate(settings);
  keyNeedsCertificate(settings);
  passphraseNeedsKey(settings);
  somebodySeesIt(settings);
}

/** Why no TLS is spoken with the endpoint: the words for it; undefined when it is https, or not known to be anything. */
export function plainEndpoint(settings: Settings): string | undefined {
  const endpoint = valueOf(settings, 'endpoint') as string | undefined;
  if (endpoint === 'demo' || endpoint === 'demo:flaky') return 'the built-in endpoint is not https';
  return /^http:/i.test(endpoint ?? '') ? 'the endpoint is http:, not https:' : undefined;
}

function oneCertificate(settings: Settings): void {
  const other = ['cert', 'key'].find((key) => isGiven(settings, key));
  if (!isGiven(settings, 'pfx') || other === undefined) return;
  refuse(
    `${at(settings, 'pfx')} holds a certificate and its key, ${at(settings, other)} names ${other === 'cert' ? 'another' : 'another key'}`,
    'give --pfx alone, or --cert and --key',
  );
}

function keyNeedsCertificate(settings: Settings): void {
  if (!isGiven(settings, 'key') || isGiven(settings, 'cert')) return;
  refuse(
    `${at(settings, 'key')} is the key of a client certificate, and there is none`,
    `--cert FILE names the certificate${settings.get('key')?.given[0]?.origin.from === 'environment' ? MEANT : ''}`,
  );
}

// Before there was a setting `key`, this name was free for a key of the endpoint's.
const MEANT = '\nCASE_TRACKER_KEY stands for --key: a variable for something else needs another name';

function passphraseNeedsKey(settings: Settings): void {
  if (!isGiven(settings, 'keyPassphrase') || ['cert', 'pfx'].some((key) => isGiven(settings, key))) return;
  refuse(`${at(settings, 'keyPassphrase')} unlocks a key, and there is none`, '--cert FILE --key FILE, or --pfx FILE');
}

/** The token URL is https, or http on loopback; a queue in Redis has certificates that are checked too. */
function somebodySeesIt(settings: Settings): void {
  const key = TLS_KEYS.find((one) => isGiven(settings, one));
  const why = plainEndpoint(settings);
  const isSeenElsewhere = isGiven(settings, 'oauth2TokenUrl') || (key === 'ca' && isGiven(settings, 'queue'));
  if (key === undefined || why === undefined || isSeenElsewhere) return;
  refuse(`${at(settings, key)} is for https, and ${why}`, `--endpoint https://…, or leave ${at(settings, key)} out`);
}

function refuse(message: string, hint: string): never {
  throw new UsageError(message, { hint });
}
