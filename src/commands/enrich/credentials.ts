/** Where the tokens of a run come from: `--token-command`, `--token-file`, or an OAuth 2 server. */

import { resolve } from 'node:path';
import type { Resolved } from '../../config/resolved.js';
import { tokenHeaderName } from '../../config/token-values.js';
import type { CredentialProvider } from '../../core/ports.js';
import type { Host } from '../../host.js';
import { compileEndpoint } from '../../io/http/endpoint.js';
import type { ProxyOptions } from '../../io/http/proxy.js';
import type { TlsIdentity } from '../../io/http/tls.js';
import { VERSION } from '../../version.js';

/** What a client needs to send tokens. */
export interface Credentials {
  readonly provider: CredentialProvider;
  /** Texts that must never be shown. */
  readonly secrets: readonly string[];
}

/** How the endpoint and the token URL are reached. */
export interface Reach {
  readonly proxy: ProxyOptions;
  readonly tls: TlsIdentity | undefined;
}

/** The header of the token and who gives it, for people: `--token-command`. */
export interface TokenFacts {
  /** In lower case. */
  readonly header: string;
  readonly from: string;
}

const SOURCES = ['tokenCommand', 'tokenFile', 'oauth2TokenUrl'] as const;
type Settings = Resolved<'enrich'>;

/** The credentials of the settings; undefined without any. Nothing is asked for yet. Throws a UsageError. */
export async function openCredentials(settings: Settings, host: Host, reach: Reach): Promise<Credentials | undefined> {
  const { tokenCommand, tokenFile, oauth2TokenUrl } = settings.values;
  if (tokenCommand !== undefined) return { provider: await byCommand(tokenCommand, host), secrets: [] };
  if (tokenFile !== undefined) return { provider: await byFile(tokenFile, settings, host), secrets: [] };
  return oauth2TokenUrl === undefined ? undefined : await byOAuth2(oauth2TokenUrl, settings, host, reach);
}

/** Undefined where the settings name no source of tokens. */
export function tokenFacts({ values, sources }: Settings): TokenFacts | undefined {
  const key = SOURCES.find((one) => values[one] !== undefined);
  const source = key && sources[key];
  if (source === undefined) return undefined;
  const from = source.from === 'file' ? `${key} in ${source.where}` : source.where;
  return { header: tokenHeaderName(values.tokenHeader), from };
}

/** The token URL without what may be secret in it. */
export function shownTokenUrl(url: string): string {
  return compileEndpoint(url, { fixed: true }).display;
}

async function byCommand(command: string, { cwd, env, clock }: Host): Promise<CredentialProvider> {
  const { TokenCommand } = await import('../../io/http/auth/token-command.js');
  return new TokenCommand({ command, cwd, env, clock });
}

/** A variable may hold a secret that was meant for something else: its value is not shown. */
async function byFile(file: string, { sources }: Settings, host: Host): Promise<CredentialProvider> {
  const { TokenFile } = await import('../../io/http/auth/token-file.js');
  const source = sources['tokenFile'];
  const name = source?.from === 'environment' ? `the file of ${source.where}` : `the token file ${file}`;
  return new TokenFile({ path: resolve(host.cwd, file), name, clock: host.clock });
}

async function byOAuth2(tokenUrl: string, { values }: Settings, host: Host, reach: Reach): Promise<Credentials> {
  const { OAuth2 } = await import('../../io/http/auth/oauth2.js');
  const { oauth2ClientId: clientId = '', oauth2ClientSecret: clientSecret = '', oauth2Auth: auth } = values;
  const { oauth2Scope: scope, oauth2Audience: audience } = values;
  const client = { tokenUrl, clientId, clientSecret, auth, scope, audience };
  const provider = new OAuth2({ ...client, ...reach, version: VERSION, clock: host.clock });
  const ofUrl = compileEndpoint(tokenUrl, { fixed: true }).secrets.map(({ value }) => value);
  return { provider, secrets: [...ofUrl, ...provider.secrets] };
}
