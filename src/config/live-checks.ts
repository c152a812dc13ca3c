/** Settings of the live page that contradict each other. */

import { UsageError } from '../errors.js';
import { isEveryInterface, isLoopbackName } from '../text/loopback.js';
import { isGiven, type MergedSettings as Settings, valueOf, writtenName as at } from './merged.js';
import { LIVE } from './settings/live.js';

/** Throws a UsageError for the first contradiction. */
export function checkLive(settings: Settings): void {
  if (!valueOf(settings, 'live')) needLive(settings);
  else {
    hostAlone(settings);
    tokenElsewhere(settings);
  }
}

/** A configuration file may have them for the day on which --live is asked for. */
function needLive(settings: Settings): void {
  const key = Object.keys(LIVE).find((name) => name !== 'live' && settings.get(name)?.given[0]?.origin.from === 'flag');
  if (key === undefined) return;
  throw new UsageError(`${at(settings, key)} needs --live`, { hint: '--live shows the run in a browser' });
}

/** The port has a flag of its own, and the protocol is http. */
function hostAlone(settings: Settings): void {
  const host = valueOf(settings, 'liveHost') as string;
  if (!/[\s/@?#]|^[^:]*:\d+$|\]:/.test(host)) return;
  throw new UsageError(`${at(settings, 'liveHost')} ${host} is no address or name alone`, {
    hint: 'the address or name and nothing else, such as 192.168.1.20; --live-port takes the port',
  });
}

/** A token that is made for each run stands on a terminal; who is asked from elsewhere needs one that is handed on. */
function tokenElsewhere(settings: Settings): void {
  const host = valueOf(settings, 'liveHost') as string;
  // Refused when the page is opened, whatever the token: to ask for one first would lead nowhere.
  if (isEveryInterface(host)) return;
  if (isLoopbackName(host) || isGiven(settings, 'liveToken')) return;
  throw new UsageError(`${at(settings, 'liveHost')} ${host} lets other machines in, and needs a token of your own`, {
    hint:
      '(umask 077; openssl rand -hex 32 > token.txt), then --live-token @token.txt\n' +
      'or leave --live-host out: ssh -L brings the page to your machine, see docs/live.md',
  });
}
