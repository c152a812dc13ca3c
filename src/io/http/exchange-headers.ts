/** The headers of one exchange, names and values alternating. */

import type { AttemptContext } from '../../core/ports.js';
import type { ExchangeSettings } from './exchange-settings.js';

/** Those of every attempt with this attempt's token and request id. A poll has no body that they could describe. */
export function headersOf(
  { headers, token }: Pick<ExchangeSettings, 'headers' | 'token'>,
  context: Pick<AttemptContext, 'poll' | 'token' | 'requestId'>,
): string[] {
  const own = [...headers, 'x-request-id', context.requestId];
  if (token !== undefined && context.token) own[token.at] = token.header.valueOf(context.token);
  return context.poll === undefined ? own : own.filter((_, at) => own[at & ~1] !== 'content-type');
}
