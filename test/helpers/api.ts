/** `case-tracker api` within this process, and a client for it that holds every answer to the OpenAPI document. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { onTestFinished } from 'vitest';
import { openApi } from '../../src/io/web/api/openapi.js';
import type { FileOps } from '../../src/io/files/file-ops.js';
import { apiCommand } from '../../src/commands/api/api.js';
import { type EnrichRun } from '../../src/commands/api/job.js';
import { type Outcome, startMain } from './run-main.js';
import type { FakeHost } from './fake-host.js';

export const TOKEN = 'test-token-that-is-long-enough-0123456789';

type Json = Record<string, unknown>;

interface Operation {
  readonly responses: Record<string, { content?: Record<string, { schema: Json }> }>;
}

const DOCUMENT = openApi('1.2.3') as unknown as { paths: Record<string, Record<string, Operation>>; components: Json };

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema({ $id: 'api', components: DOCUMENT.components });
const known = new Map<string, ValidateFunction>();

/** What an answer to this request must look like; throws when the document does not have it. */
export function checkAnswer(method: string, path: string, status: number, type: string, body: unknown): void {
  const template = path.split('?')[0]?.replace(/^\/runs\/[^/]+/, '/runs/{id}') ?? '';
  const operation = DOCUMENT.paths[template]?.[method.toLowerCase()];
  if (operation === undefined) throw new Error(`the document has no ${method} ${template}`);
  const response = operation.responses[status];
  if (response === undefined) throw new Error(`the document has no ${status} for ${method} ${template}`);
  if (response.content === undefined) return;
  const schema = response.content[type.split(';')[0] ?? '']?.schema;
  if (schema === undefined) throw new Error(`${type} is not in the document for ${status} of ${method} ${template}`);
  const text = JSON.stringify(schema).replaceAll('#/components', 'api#/components');
  const validate = known.get(text) ?? ajv.compile(JSON.parse(text) as Json);
  known.set(text, validate);
  if (!validate(body))
    throw new Error(`${method} ${path}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body)}`);
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Json;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly token?: string;
}

/** Asks, and checks the answer against the document. */
export class ApiClient {
  readonly url: string;
  readonly #token: string;

  constructor(url: string, token = TOKEN) {
    this.url = url;
    this.#token = token;
  }

  async ask(
    method: string,
    path: string,
    { headers = {}, body, token = this.#token }: RequestOptions = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    const isJson = type.startsWith('application/json');
    const json = isJson ? (JSON.parse(text) as Json) : {};
    checkAnswer(method, path, response.status, type, isJson ? json : text);
    return { status: response.status, headers: response.headers, text, json };
  }

  post(body: string | Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return this.ask('POST', '/runs', { body, headers: { 'content-type': 'application/x-ndjson', ...headers } });
  }

  /** The run, once it has one of these statuses. */
  async until(id: string, ...statuses: readonly string[]): Promise<Json> {
    for (;;) {
      const { json } = await this.ask('GET', `/runs/${id}`);
      if (statuses.includes(String(json['status']))) return json;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

export interface ApiOptions {
  readonly args?: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** In place of `enrich`. */
  readonly enrich?: EnrichRun;
  readonly ops?: FileOps;
}

export interface RunningApi extends Pick<FakeHost, 'signal' | 'stderr' | 'stdout'> {
  readonly client: ApiClient;
  readonly ended: Promise<Outcome>;
  /** SIGTERM, and its end. */
  readonly stop: () => Promise<Outcome>;
}

/** Starts it on a free port, with the folder `runs`; ended with the test. */
export async function startApi({ args = [], cwd, env = {}, enrich, ops }: ApiOptions): Promise<RunningApi> {
  const load = async (): Promise<{ run: EnrichRun }> =>
    enrich === undefined ? await import('../../src/commands/enrich/enrich.js') : { run: enrich };
  const command = apiCommand(load);
  let listening: (() => void) | undefined;
  const isUp = new Promise<void>((resolve) => (listening = resolve));
  const main = startMain(['api', '--dir', 'runs', '--port', '0', ...args], {
    cwd,
    env: { CASE_TRACKER_TOKEN: `@${tokenFile(cwd)}`, ...env },
    commands: {
      api: () =>
        Promise.resolve({
          run: (settings, host) => {
            const write = async (text: string | Uint8Array): Promise<void> => {
              await host.stdout.write(text);
              listening?.();
            };
            return command.run(settings, { ...host, stdout: { ...host.stdout, write } }, ops);
          },
        }),
    },
  });
  await Promise.race([isUp, main.ended]);
  let hasEnded = false;
  void main.ended.then(() => (hasEnded = true));
  const stop = (): Promise<Outcome> => {
    if (!hasEnded) main.signal('SIGTERM');
    return main.ended;
  };
  onTestFinished(async () => void (await stop()));
  return { ...main, client: new ApiClient(main.stdout().trim()), stop };
}

function tokenFile(cwd: string): string {
  const path = join(cwd, 'token.txt');
  writeFileSync(path, `${TOKEN}\n`, { mode: 0o600 });
  return path;
}
