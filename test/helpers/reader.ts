/** A reader who types what the documents show: a folder of their own, a shell, and a service at api.example.com. */

import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXECUTABLE } from './program.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SERVICE = 'https://api.example.com';

/** What a block of shell or JavaScript did. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit codes other than 0 that commands in the block had, each once. */
  readonly exits: readonly string[];
}

export class Reader {
  /** Where the reader works; it holds cases.json. */
  readonly folder: string;
  /** What looks like a clone of the repository: package.json and data. */
  readonly clone: string;
  readonly requests: string[] = [];
  readonly #base = mkdtempSync(join(tmpdir(), 'case-tracker-reader-'));
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  constructor() {
    this.folder = join(this.#base, 'work');
    this.clone = join(this.#base, 'clone');
    for (const folder of [join(this.folder, 'node_modules'), this.clone, this.#bin])
      mkdirSync(folder, { recursive: true });
    cpSync(join(ROOT, 'data/cases.json'), join(this.folder, 'cases.json'));
    symlinkSync(ROOT, join(this.folder, 'node_modules/case-tracker'));
    cpSync(join(ROOT, 'package.json'), join(this.clone, 'package.json'));
    cpSync(join(ROOT, 'data'), join(this.clone, 'data'), { recursive: true });
    for (const [name, script] of Object.entries(PROGRAMS)) {
      writeFileSync(join(this.#bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
  }

  async open(): Promise<void> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
    rmSync(this.#base, { recursive: true, force: true });
  }

  /** Runs a block of shell lines as they stand, but for the service's address. */
  async shell(code: string, cwd = this.folder): Promise<Outcome> {
    const exits = join(this.#base, 'exits');
    rmSync(exits, { force: true });
    const script = `set -E -o pipefail; trap 'echo $? >> "$EXITS"' ERR\n${this.#here(code)}`;
    const { stdout, stderr } = await this.#run('bash', ['-c', script], cwd, { EXITS: exits });
    return { stdout, stderr, exits: existsSync(exits) ? unique(readFileSync(exits, 'utf8').trim().split('\n')) : [] };
  }

  /** Runs a block of JavaScript. */
  async program(code: string): Promise<Outcome> {
    const file = join(this.folder, 'program.mjs');
    writeFileSync(file, this.#here(code));
    const { code: exit, ...output } = await this.#run(process.execPath, [file], this.folder);
    return { ...output, exits: exit === 0 ? [] : [String(exit)] };
  }

  get #bin(): string {
    return join(this.#base, 'bin');
  }

  #here(code: string): string {
    return code.replaceAll(SERVICE, `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  #run(
    file: string,
    args: readonly string[],
    cwd: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<{ stdout: string; stderr: string; code: number }> {
    const path = [this.#bin, process.env['PATH'] ?? ''].join(delimiter);
    const env = { PATH: path, HOME: this.#base, ...more };
    return new Promise((resolve) => {
      const child = execFile(file, args, { cwd, env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
        resolve({ stdout, stderr, code: error === null ? 0 : Number(error.code) });
      });
      child.stdin?.end();
    });
  }

  /** Knows an owner for every case: in the answer, in its `result`, and for each case of a batch. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.requests.push(`${request.method} ${request.url}`);
    const answer = { owner: 'mira', result: { owner: 'mira' } };
    const cases: unknown = body.startsWith('[') ? JSON.parse(body) : undefined;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(Array.isArray(cases) ? cases.map(() => answer) : answer));
  }
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

const ISSUES = [
  { number: 41, title: 'Table is too wide', labels: [{ name: 'bug' }] },
  { number: 42, title: 'Say where the file is', labels: [] },
];

/** What stands on the reader's path before everything else. */
const PROGRAMS = {
  'case-tracker': `exec '${process.execPath}' '${EXECUTABLE}' "$@"`,
  npx: 'exec "$@"',
  npm: 'case "$1" in ci | test) ;; *) echo "npm $1 is not expected here" >&2; exit 64 ;; esac',
  gh: `echo '${JSON.stringify(ISSUES)}'`,
};
