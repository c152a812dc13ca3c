/** The page of a run under way: takes the token from its address, connects, and shows what comes. */

import { Connection } from './connection.js';
import { LiveBrowser } from './live-browser.js';
import { LivePage } from './live-page.js';
import { tokenInFragment } from './token.js';
import { onTokenEntered, showWayIn } from './way-in.js';

let browser: LiveBrowser | undefined;
let connection: Connection | undefined;

const page = new LivePage({
  retry: () => void connection?.connect(),
  stop: () => browser?.stop() ?? Promise.resolve({ status: 0, message: '' }),
});

begin();
addEventListener('hashchange', begin);
addEventListener('online', () => void connection?.connect());
// What the browser kept of a page that was left has no connection any more.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) begin();
});
onTokenEntered((token) => {
  history.replaceState(null, '', `#${encodeURIComponent(token)}`);
  begin();
});

function begin(): void {
  connection?.stop();
  const token = tokenInFragment(location.hash);
  showWayIn(token === undefined);
  if (token === undefined) return;
  browser = new LiveBrowser(token);
  connection = new Connection(browser, page);
  void connection.connect();
}
