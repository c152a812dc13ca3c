/** What the routes of the live page and of the API have in common. */

import { Hono } from 'hono';
import { type Refusal, refusalResponse } from './refusal.js';

/** Without a route of its own a request gets a 404 in JSON; what a route throws goes on to the server. */
export function webRoutes(): Hono {
  const routes = new Hono();
  routes.notFound(() => refusalResponse(NOT_FOUND));
  routes.onError((error) => {
    throw error;
  });
  return routes;
}

/** Answers 405 at the paths of these routes to methods that they do not know. To be called when they are all there. */
export function refuseOtherMethods(routes: Hono, paths: readonly (readonly [path: string, allow: string])[]): void {
  for (const [path, allow] of paths) routes.all(path, () => refusalResponse(wrongMethod(allow), { allow }));
}

/** The answer of a path that is a WebSocket to a request that asks for none. */
export function refusePlainRequest(): Response {
  return refusalResponse(NEEDS_UPGRADE, { upgrade: 'websocket', connection: 'Upgrade' });
}

const NOT_FOUND: Refusal = { status: 404, error: 'not_found', message: 'there is nothing at this path' };
const NEEDS_UPGRADE: Refusal = { status: 426, error: 'upgrade_required', message: 'this path is a WebSocket' };

function wrongMethod(allow: string): Refusal {
  return { status: 405, error: 'method_not_allowed', message: `this path knows ${allow}` };
}
