import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors.js';
import { tlsIdentity, type TlsOptions } from '../../../src/io/http/tls.js';
import { PASSPHRASE, pem } from '../../helpers/certificates.js';
import { START } from '../../helpers/clock.js';

const cert = pem('client.pem');
const key = pem('client.key');
const around = { nowMs: START };

/** What is wrong with an identity: message and hint. */
function refusal(options: TlsOptions, nowMs = START): string {
  try {
    tlsIdentity(options, { nowMs });
  } catch (error) {
    if (error instanceof UsageError) return `${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
  return 'none';
}

describe('an identity', () => {
  test.each<[string, TlsOptions]>([
    ['certificate and key', { cert, key }],
    ['both as texts', { cert: cert.toString(), key: key.toString() }],
    ['both in one file', { cert: pem('both.pem') }],
    ['a locked key (PKCS#8)', { cert, key: pem('locked.key'), passphrase: PASSPHRASE }],
    ['a locked key (SEC 1)', { cert, key: pem('locked-ec.key'), passphrase: PASSPHRASE }],
    ['a passphrase that is not needed', { cert, key, passphrase: PASSPHRASE }],
    ['PKCS#12', { pfx: pem('client.pfx'), passphrase: PASSPHRASE }],
    ['a chain', { cert: Buffer.concat([cert, pem('root.pem')]), key }],
    [
      'Windows line ends and words around',
      { cert: `Bag Attributes\r\n${cert.toString().replaceAll('\n', '\r\n')}`, key },
    ],
  ])('of %s is accepted, with its end', (_, options) => {
    const identity = tlsIdentity(options, around);
    expect(identity).toMatchObject({ hasCertificate: true, endsMs: Date.parse('2120-01-01T00:00:00Z') });
    expect(identity.secrets).toEqual(options.passphrase === undefined ? [] : [PASSPHRASE]);
  });

  test('of authorities alone has no certificate', () => {
    const identity = tlsIdentity({ ca: Buffer.concat([pem('root.pem'), pem('middle.pem')]) }, around);
    expect([identity.hasCertificate, identity.endsMs, identity.secrets]).toEqual([false, undefined, []]);
  });
});

const PEM_HINT = 'PEM is text with a line -----BEGIN';

test.each<[string, TlsOptions, string]>([
  [
    'another key',
    { cert, key: pem('stranger.key') },
    'tls.key is not the key of the certificate in tls.cert | the first',
  ],
  [
    'the key of the second certificate',
    { cert: Buffer.concat([pem('root.pem'), cert]), key },
    'tls.key is not the key',
  ],
  ['no key', { cert }, 'tls.cert has no private key in it | tls.key names its file'],
  ['no certificate', { key }, 'tls.key is the key of a client certificate, and there is none | '],
  [
    'two certificates',
    { cert, pfx: pem('client.pfx') },
    'tls.pfx holds a certificate and its key; tls.cert and tls.key',
  ],
  ['them swapped', { cert: key, key: cert }, 'tls.cert has no certificate in it, but a private key | is it the file'],
  ['a certificate as key', { cert, key: cert }, 'tls.key has no private key in it, but a certificate | tls.cert and'],
  [
    'no passphrase',
    { cert, key: pem('locked.key') },
    'the private key in tls.key is locked by a passphrase | tls.passphr',
  ],
  [
    'no passphrase (SEC 1)',
    { cert, key: pem('locked-ec.key') },
    'the private key in tls.key is locked by a passphrase',
  ],
  [
    'a wrong passphrase',
    { cert, key: pem('locked.key'), passphrase: 'wrong' },
    'tls.passphrase does not unlock the private key in tls.key | its first line is the passphrase, spaces included',
  ],
  [
    'PKCS#12 without passphrase',
    { pfx: pem('client.pfx') },
    'tls.pfx is locked by a passphrase | tls.passphrase unlocks',
  ],
  [
    'PKCS#12, wrong passphrase',
    { pfx: pem('client.pfx'), passphrase: 'wrong' },
    'tls.passphrase does not unlock tls.pfx',
  ],
  [
    'PKCS#12 as Windows XP wrote it',
    { pfx: pem('legacy.pfx'), passphrase: PASSPHRASE },
    'tls.pfx is encrypted in a way that is no longer supported | openssl pkcs12 -legacy -in old.pfx -nodes',
  ],
  ['PEM as PKCS#12', { pfx: cert }, 'tls.pfx is not PKCS#12 (.pfx, .p12), but PEM | tls.cert and tls.key take PEM'],
  ['nonsense as PKCS#12', { pfx: Buffer.from('{"id":1}') }, 'tls.pfx is not PKCS#12 (.pfx, .p12): '],
  ['an empty PKCS#12', { pfx: Buffer.alloc(0) }, 'tls.pfx is not PKCS#12 (.pfx, .p12): '],
  [
    'DER',
    { cert: pem('client.der'), key },
    'tls.cert has no certificate in PEM in it | it looks like DER: openssl x509 -in',
  ],
  ['nonsense', { cert: 'hello', key }, `tls.cert has no certificate in PEM in it | ${PEM_HINT} CERTIFICATE`],
  ['nonsense as key', { cert, key: 'hello' }, `tls.key has no private key in it | ${PEM_HINT} PRIVATE KEY`],
  ['an empty file', { cert: '', key }, 'tls.cert has no certificate in PEM in it'],
  [
    'a damaged certificate',
    { cert: cert.toString().replace(/\n.{20}/, '\nAAAA'), key },
    'the certificate in tls.cert is dam',
  ],
  [
    'a damaged key',
    { cert, key: key.toString().replace(/\n.{20}/, '\nAAAA') },
    "the private key in tls.key can't be used: ",
  ],
  ['nonsense as authority', { ca: 'hello' }, `tls.ca has no certificate in PEM in it | ${PEM_HINT}`],
  ['a key as authority', { ca: key }, 'tls.ca has no certificate in it, but a private key'],
  [
    'a damaged second authority',
    {
      ca: `${pem('root.pem').toString()}${pem('middle.pem')
        .toString()
        .replace(/\n.{20}/, '\nAAAA')}`,
    },
    'certificate 2 in tls.ca is damaged: ',
  ],
  [
    'an expired certificate',
    { cert: pem('expired.pem'), key },
    'the certificate in tls.cert has expired, at 2021-01-01T00:00:00Z | no endpoint takes it any more: renew it',
  ],
  [
    'an expired certificate in PKCS#12',
    { pfx: pem('expired.pfx'), passphrase: PASSPHRASE },
    'the certificate in tls.pfx has expired, at 2021-01-01T00:00:00Z | ',
  ],
  [
    'one that does not count yet',
    { cert: pem('future.pem'), key },
    'the certificate in tls.cert does not count before 2119-01-01T00:00:00Z | is the clock of this machine right? It is',
  ],
])('%s is refused', (_, options, message) => {
  const said = refusal(options);
  expect(said.slice(0, message.length)).toBe(message);
  expect(said).not.toContain(PASSPHRASE);
});

test('it is the clock that was passed in that decides', () => {
  const end = Date.parse('2120-01-01T00:00:00Z');
  expect(refusal({ cert, key }, end)).toBe('none');
  expect(refusal({ cert, key }, end + 1)).toContain('has expired, at 2120-01-01T00:00:00Z');
});
