/** Settings of credentials that end during a run: where tokens come from, and where they go. */

import type { Settings } from './setting.js';
import * as type from './value-types.js';

export const CREDENTIALS = {
  tokenCommand: {
    type: type.text('CMD', "'gcloud auth print-access-token'"),
    private: true,
    help: 'Command that prints a token, run by the shell: its first line, or JSON with token and expires_in',
  },
  tokenFile: {
    type: type.path('/vault/secrets/token'),
    help: 'File with a token in its first line, or as JSON; read again whenever it changes',
  },
  tokenHeader: {
    type: type.tokenHeader(),
    default: 'Authorization: Bearer {token}',
    private: true,
    help: 'Header in which the token is sent',
  },
  tokenRefreshOn: {
    type: type.refusalsOrNone(),
    default: '401',
    help: 'Statuses by which the endpoint refuses a token; then another one is got',
  },
  oauth2TokenUrl: {
    type: type.text('URL', 'https://id.example.com/oauth2/token'),
    private: true,
    help: 'OAuth 2 server that gives tokens for client credentials',
  },
  oauth2ClientId: { type: type.text('ID', 'case-tracker'), help: 'Who asks there' },
  oauth2ClientSecret: {
    type: type.secretFile('@client-secret.txt'),
    private: true,
    help: 'Its secret; the first line of the file',
  },
  oauth2Scope: { type: type.text('SCOPE', "'cases.read'"), help: 'Scope to ask for; several are divided by spaces' },
  oauth2Audience: { type: type.text('URL', 'https://api.example.com'), help: 'Audience to ask for' },
  oauth2Auth: {
    type: type.choice('HOW', 'basic', 'body'),
    default: 'basic',
    help: 'How id and secret are sent: by HTTP Basic, or in the body',
  },
} as const satisfies Settings;
