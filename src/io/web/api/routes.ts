/** The routes of the API. Who may ask has been decided before them. */

import type { Context, Hono } from 'hono';
import type { FeedSocket } from '../../../core/live/feed-socket.js';
import { Refused } from '../refusal.js';
import { refuseOtherMethods, refusePlainRequest, webRoutes } from '../routes.js';
import { jsonResponse, noSuchRun } from './answers.js';
import { type IntakeOptions, takeRun } from './new-run.js';
import { openApi } from './openapi.js';
import { resultsResponse } from './results.js';
import { isRunId } from './run-id.js';

export interface ApiOptions extends IntakeOptions {
  readonly version: string;
}

const PAGE = 100;

export function apiRoutes(options: ApiOptions): Hono {
  const routes = webRoutes();
  serverRoutes(routes, options);
  runsRoutes(routes, options);
  runRoutes(routes, options);
  refuseOtherMethods(routes, METHODS);
  return routes;
}

function serverRoutes(routes: Hono, { queue, version }: ApiOptions): void {
  const document = openApi(version);
  routes.get('/healthz', () => {
    const { isClosing, running, queued } = queue;
    return jsonResponse({ status: isClosing ? 'stopping' : 'ok', version, running, queued });
  });
  routes.get('/openapi.json', () => jsonResponse(document));
}

function runsRoutes(routes: Hono, options: ApiOptions): void {
  const { queue } = options;
  routes.post('/runs', async ({ req }) => {
    const { entry, isNew } = await takeRun(req.raw, options);
    return jsonResponse(queue.shown(entry.id), isNew ? 202 : 200, { location: `/runs/${entry.id}` });
  });
  routes.get('/runs', ({ req }) =>
    jsonResponse(queue.list(limitOf(req.query('limit')), beforeOf(req.query('before')))),
  );
}

function runRoutes(routes: Hono, { queue, folder, ops }: ApiOptions): void {
  routes.get('/runs/:id', (context) => jsonResponse(queue.shown(knownId(context))));
  routes.delete('/runs/:id', async (context) => {
    await queue.remove(knownId(context));
    return new Response(null, { status: 204 });
  });
  routes.post('/runs/:id/stop', async (context) => {
    const id = knownId(context);
    await queue.stop(id);
    return jsonResponse(queue.shown(id), 202);
  });
  routes.get('/runs/:id/results', (context) => {
    const id = knownId(context);
    if (!queue.has(id)) throw noSuchRun();
    const asked = { range: context.req.header('range'), isHead: context.req.raw.method === 'HEAD' };
    return resultsResponse(folder.path(id, 'results.ndjson'), asked, ops);
  });
  routes.get('/runs/:id/events', (context) => {
    if (!queue.has(knownId(context))) throw noSuchRun();
    return refusePlainRequest();
  });
}

/** Whoever takes the WebSockets of `/runs/{id}/events`; undefined where there is no such run. */
export function apiSockets({
  queue,
}: Pick<ApiOptions, 'queue'>): (path: string) => ((socket: FeedSocket) => void) | undefined {
  return (path) => {
    const id = /^\/runs\/([^/]+)\/events$/.exec(path)?.[1] ?? '';
    return isRunId(id) && queue.has(id) ? (socket) => queue.join(id, socket) : undefined;
  };
}

const METHODS = [
  ['/healthz', 'GET'],
  ['/openapi.json', 'GET'],
  ['/runs', 'GET, POST'],
  ['/runs/:id', 'GET, DELETE'],
  ['/runs/:id/stop', 'POST'],
  ['/runs/:id/results', 'GET'],
  ['/runs/:id/events', 'GET'],
] as const;

/** Nothing but an id is ever part of a path. */
function knownId(context: Context): string {
  const id = context.req.param('id') ?? '';
  if (!isRunId(id)) throw noSuchRun();
  return id;
}

function limitOf(text = String(PAGE)): number {
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= PAGE) return limit;
  throw new Refused(400, 'bad_limit', `limit is a number from 1 to ${PAGE}`);
}

function beforeOf(text: string | undefined): string | undefined {
  if (text === undefined || isRunId(text)) return text;
  throw new Refused(400, 'bad_before', 'before is the id of a run');
}
