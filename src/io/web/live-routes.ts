/** The routes of the live page: its shell, the run as JSON, its messages by WebSocket, and the one command that there is. */

import type { Hono } from 'hono';
import type { FeedSocket } from '../../core/live/feed-socket.js';
import type { PageScript } from '../../report/html/document.js';
import { liveDocument, livePolicy } from '../../report/html/live-document.js';
import type { LiveFeed } from './live-feed.js';
import { type Refusal, refusalResponse } from './refusal.js';
import { refuseOtherMethods, refusePlainRequest, webRoutes } from './routes.js';

/** The paths that may be read without the token: the shell has no data. */
export const OPEN_PATHS = ['/'];

const EVENTS = '/api/run/events';

export interface LiveRoutesOptions {
  readonly feed: LiveFeed;
  readonly script: PageScript;
  readonly version: string;
  /** Stops the run softly; null where the page only shows. */
  readonly stop: (() => void) | null;
}

export function liveRoutes({ feed, script, version, stop }: LiveRoutesOptions): Hono {
  const page = liveDocument(script, { control: stop !== null, version });
  const policy = livePolicy(script);
  const routes = webRoutes();
  routes.get('/', (context) => context.html(page, 200, { 'content-security-policy': policy }));
  routes.get('/api/run', (context) => {
    const message = feed.message();
    return message === null ? refusalResponse(NOT_BEGUN) : context.json(message);
  });
  routes.post('/api/run/stop', () => {
    if (stop === null) return refusalResponse(NO_CONTROL);
    if (feed.hasEnded) return refusalResponse(HAS_ENDED);
    stop();
    return Response.json({ stopping: true }, { status: 202 });
  });
  routes.get(EVENTS, refusePlainRequest);
  refuseOtherMethods(routes, METHODS);
  return routes;
}

/** Who takes the WebSockets of a path: the feed, at the one path that there is. */
export function liveSockets(feed: LiveFeed): (path: string) => ((socket: FeedSocket) => void) | undefined {
  return (path) => (path === EVENTS ? (socket) => feed.join(socket) : undefined);
}

const METHODS = [
  ['/', 'GET, HEAD'],
  ['/api/run', 'GET, HEAD'],
  ['/api/run/stop', 'POST'],
  [EVENTS, 'GET'],
] as const;

const NOT_BEGUN: Refusal = {
  status: 503,
  error: 'not_begun',
  message: 'the run is still opening its input and output: ask again in a moment',
};
const NO_CONTROL: Refusal = {
  status: 403,
  error: 'read_only',
  message: 'this page only shows the run: with --live-control it can stop it too',
};
const HAS_ENDED: Refusal = { status: 409, error: 'ended', message: 'the run has ended already' };
