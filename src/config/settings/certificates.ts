/** Settings of the TLS connection: who the caller is, and whom else to trust. */

import type { Settings } from './setting.js';
import * as type from './value-types.js';

export const CERTIFICATES = {
  cert: {
    type: type.path('client.pem'),
    help: 'Client certificate in PEM, with the intermediate ones after it; only the endpoint and the token URL see it',
  },
  key: { type: type.path('client.key'), help: 'Its private key in PEM, where it is not in the file of --cert' },
  pfx: { type: type.path('client.pfx'), help: 'Client certificate and its key in one PKCS#12 file (.pfx, .p12)' },
  keyPassphrase: {
    type: type.secretFile(),
    private: true,
    help: 'Passphrase of --key or --pfx; the first line of the file',
  },
  ca: {
    type: type.path('authority.pem'),
    help: "Certificates in PEM to trust besides the system's; for the endpoint and the token URL",
  },
} as const satisfies Settings;
