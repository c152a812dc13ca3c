/** The empty set of routes that the live page and the API begin with. */

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

const NOT_FOUND: Refusal = { status: 404, error: 'not_found', message: 'there is nothing at this path' };
