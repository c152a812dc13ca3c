import { describe, expect, test } from 'vitest';

import type { Answer } from '../../../src/io/demo/answers.js';
import { startDemoEndpoint } from '../../../src/io/demo/endpoint.js';
import { isTokenRoute, TokenDesk, type TokenRequest } from '../../../src/io/demo/tokens.js';
import { FakeClock } from '../../helpers/clock.js';

const LIFE_MS = 20_000;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const GRANT = 'grant_type=client_credentials';

function basic(pair: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

const good: TokenRequest = { method: 'POST', headers: { ...FORM, ...basic('demo:demo-secret') }, body: GRANT };

/** Status and body of what the token route answers. */
function asked(
  change: Partial<TokenRequest>,
  desk = new TokenDesk(LIFE_MS),
): [number, Record<string, unknown>, Answer] {
  const answer = desk.grant({ ...good, ...change }, 0);
  return [answer.status, JSON.parse(answer.body.toString()) as Record<string, unknown>, answer];
}

function bearer(token: unknown): Pick<TokenRequest, 'headers'> {
  return { headers: { authorization: `Bearer ${String(token)}` } };
}

describe('the token route', () => {
  test.each<[string, Partial<TokenRequest>]>([
    ['HTTP Basic', {}],
    ['any client id', { headers: { ...FORM, ...basic('me:demo-secret') } }],
    ['a form-encoded secret', { headers: { ...FORM, ...basic('me:demo%2Dsecret') } }],
    ['the form', { headers: FORM, body: `${GRANT}&client_id=me&client_secret=demo-secret&scope=all` }],
    ['a charset', { headers: { ...basic('a:demo-secret'), 'content-type': `${FORM['content-type']}; charset=utf-8` } }],
  ])('gives a token for %s', (_, change) => {
    const [status, body, { headers }] = asked(change);
    expect([status, body]).toEqual([
      200,
      { access_token: 'demo-token-00000001', token_type: 'Bearer', expires_in: 20 },
    ]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' });
  });

  test.each<[string, number, string, Partial<TokenRequest>]>([
    ['a wrong secret by Basic', 401, 'invalid_client', { headers: { ...FORM, ...basic('demo:wrong') } }],
    ['Basic without a colon', 401, 'invalid_client', { headers: { ...FORM, ...basic('demo-secret') } }],
    ['Basic without a client id', 401, 'invalid_client', { headers: { ...FORM, ...basic(':demo-secret') } }],
    ['another scheme', 401, 'invalid_client', { headers: { ...FORM, authorization: 'Bearer demo-secret' } }],
    [
      'a wrong secret in the form',
      400,
      'invalid_client',
      { headers: FORM, body: `${GRANT}&client_id=a&client_secret=x` },
    ],
    ['no secret at all', 400, 'invalid_client', { headers: FORM, body: `${GRANT}&client_id=a` }],
    ['no client at all', 400, 'invalid_client', { headers: FORM }],
    ['both ways at once', 400, 'invalid_request', { body: `${GRANT}&client_id=a&client_secret=demo-secret` }],
    ['another grant', 400, 'unsupported_grant_type', { body: 'grant_type=password' }],
    ['no grant', 400, 'invalid_request', { body: '' }],
    ['a field twice', 400, 'invalid_request', { body: `${GRANT}&${GRANT}` }],
    ['JSON', 400, 'invalid_request', { headers: { ...good.headers, 'content-type': 'application/json' } }],
    ['GET', 405, 'method not allowed', { method: 'GET' }],
  ])('refuses %s', (_, status, error, change) => {
    const [seen, body, { headers }] = asked(change);
    expect([seen, body['error']]).toEqual([status, error]);
    expect('access_token' in body).toBe(false);
    expect(headers['www-authenticate']).toBe(status === 401 ? 'Basic realm="case-tracker demo"' : undefined);
  });

  test('is one path alone', () => {
    expect(['/token', '/token?x=1', '/tokens', '/cases/token', '/token/1'].map(isTokenRoute)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe('a token', () => {
  test('counts until its life is over, whatever was given out since, and no longer', () => {
    const desk = new TokenDesk(LIFE_MS);
    const first = asked({}, desk)[1]['access_token'];
    const later = JSON.parse(desk.grant(good, LIFE_MS - 1).body.toString()) as { access_token: string };
    expect(desk.refuse(bearer(first), LIFE_MS - 1)).toBeUndefined();
    expect(desk.refuse(bearer(first), LIFE_MS)?.status).toBe(401);
    expect(desk.refuse(bearer(later.access_token), LIFE_MS)).toBeUndefined();
  });

  test('that is missing, unknown or over is a 401 that says which, and names an error only for one that was sent', () => {
    const desk = new TokenDesk(LIFE_MS);
    const token = asked({}, desk)[1]['access_token'];
    const refusals = [{ headers: {} }, bearer('demo-token-00000002'), bearer(token)].map((request) => {
      const answer = desk.refuse(request, LIFE_MS);
      const { error, message } = JSON.parse(answer?.body.toString() ?? '{}') as Record<string, string>;
      return [answer?.status, error, message, answer?.headers['www-authenticate']];
    });
    const challenge = 'Bearer realm="case-tracker demo"';
    const unknown = 'the token is not one of this endpoint';
    const over = 'the token has expired';
    expect(refusals).toEqual([
      [401, 'unauthorized', 'a bearer token is needed: POST /token gives one', challenge],
      [401, 'unauthorized', unknown, `${challenge}, error="invalid_token", error_description="${unknown}"`],
      [401, 'unauthorized', over, `${challenge}, error="invalid_token", error_description="${over}"`],
    ]);
  });

  test('that has long been over is forgotten', () => {
    const desk = new TokenDesk(LIFE_MS);
    const token = asked({}, desk)[1]['access_token'];
    desk.grant(good, 2 * LIFE_MS);
    expect(desk.refuse(bearer(token), 2 * LIFE_MS)?.headers['www-authenticate']).toContain('not one of this endpoint');
  });
});

describe('an endpoint with tokens', () => {
  test('serves with one, and refuses without, over HTTP, at any rate of tokens', async () => {
    const clock = new FakeClock();
    const data = { 'CASE-001': { riskScore: 7 } };
    await using endpoint = await startDemoEndpoint({ clock, data, tokenLifeMs: LIFE_MS, ratePerSecond: 2 });
    const get = (path: string, headers = {}) => fetch(`http://127.0.0.1:${endpoint.port}${path}`, { headers });
    const grant = () =>
      fetch(endpoint.tokenUrl ?? '', { method: 'POST', headers: basic('a:demo-secret'), body: form() });
    const form = () => new URLSearchParams({ grant_type: 'client_credentials' });
    const [granted] = [await grant(), await grant(), await grant()];
    const { access_token: token } = (await granted.json()) as { access_token: string };
    const authorization = `Bearer ${token}`;
    expect((await get('/cases/CASE-001')).status).toBe(401);
    expect(await (await get('/cases/CASE-001', { authorization })).json()).toEqual({ riskScore: 7 });
    expect((await get('/cases/CASE-001', { authorization })).status).toBe(429);
    clock.advance(LIFE_MS);
    expect((await get('/cases/CASE-001', { authorization })).status).toBe(401);
  });

  test('without them has no such route', async () => {
    await using endpoint = await startDemoEndpoint({ clock: new FakeClock(), data: {} });
    expect(endpoint.tokenUrl).toBeUndefined();
    const response = await fetch(`http://127.0.0.1:${endpoint.port}/token`, { method: 'POST' });
    expect(response.status).toBe(404);
  });
});
