/** Settings of the live page, which shows a run in a browser while it goes on. */

import type { Settings } from './setting.js';
import * as type from './value-types.js';

export const LIVE = {
  live: {
    type: type.flag(),
    help: 'Show the run in any browser while it goes on; the address, with its token, is printed on stderr',
  },
  livePort: {
    type: type.count(0, 65_535),
    default: '0',
    help: 'With --live: port of the page; 0 is a free one',
  },
  liveHost: {
    type: type.text('H', '192.168.1.20'),
    default: '127.0.0.1',
    help: 'With --live: the address or name by which it is reached; elsewhere than loopback only with --live-token',
  },
  liveToken: {
    type: type.accessToken(),
    private: true,
    defaultText: 'a new one for each run',
    help: 'With --live: the token of the page; the first line of the file',
  },
  liveControl: { type: type.flag(), help: 'With --live: a button that stops the run; without it the page only shows' },
  liveLinger: {
    type: type.duration(0, '10m'),
    default: '0s',
    help: 'With --live: how long the page can still be opened after the end; a signal ends it at once',
  },
} as const satisfies Settings;
