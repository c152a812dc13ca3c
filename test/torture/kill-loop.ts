/**
 * Kills the real binary again and again while it writes a journal, resumes it until it is done, and checks after every
 * death what `--resume` promises. Each round has its own seed, so that a round that fails can be run again.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedResult, Summary } from '../../src/core/results/run-info.js';
import { openSavedResults } from '../../src/io/saved/saved-results.js';
import { EXECUTABLE } from '../helpers/program.js';
import { seededRandom } from '../helpers/random.js';
import { type CountingEndpoint, countingEndpoint, isRefused } from './server.js';

const CASES = 100;
const LIMIT = 8;
const MAX_DELAY_MS = 12;
const MOST_KILLS = 2;
/** A start takes about this long, so that deaths fall before, while and after calls are made. */
const MAX_LIFE_MS = 500;

/** What happened in one round, or in all of them. */
export interface Figures {
  rounds: number;
  kills: number;
  /** Deaths before the first call of their run. */
  killsBeforeCalls: number;
  /** Journals that were cut by hand. */
  cuts: number;
  /** Tails that a resumed run moved to FILE.torn. */
  torn: number;
  answers: number;
  /** Answers that were given and are in no journal, because of a death. */
  lost: number;
  /** The most of them by one death. */
  mostLost: number;
}

export interface KillOptions {
  /** Each round has a folder of its own in it. */
  readonly folder: string;
  /** The number, and seed, of the first round. Default 1. */
  readonly first?: number;
  /** Rounds that are played at a time. */
  readonly lanes: number;
  readonly onRound?: (figures: Figures) => void;
}

/** Plays so many rounds. Rejects when a promise is broken, and names the round. */
export async function killRounds(rounds: number, { folder, first = 1, lanes, onRound }: KillOptions): Promise<Figures> {
  const figures = { rounds: 0, kills: 0, killsBeforeCalls: 0, cuts: 0, torn: 0, answers: 0, lost: 0, mostLost: 0 };
  let next = first;
  const lane = async (): Promise<void> => {
    while (next < first + rounds) {
      await killRound(next++, folder, figures);
      onRound?.(figures);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return figures;
}

async function killRound(number: number, folder: string, figures: Figures): Promise<void> {
  const endpoint = await countingEndpoint(seededRandom(number + 1_000_000), MAX_DELAY_MS);
  const home = join(folder, `round-${number}`);
  mkdirSync(home);
  try {
    await new Round(home, endpoint, seededRandom(number), figures).play(number % 10 === 0);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`round ${number} (${home}): ${why}`, { cause: error });
  } finally {
    await endpoint.close();
  }
  rmSync(home, { recursive: true });
  figures.rounds++;
}

/** The journal as bytes: its whole lines, what they say, and what is behind them. */
interface JournalState {
  readonly whole: string;
  readonly tail: string;
  readonly results: readonly SavedResult[];
}

class Round {
  readonly #home: string;
  readonly #journal: string;
  readonly #endpoint: CountingEndpoint;
  readonly #random: () => number;
  readonly #figures: Figures;

  constructor(home: string, endpoint: CountingEndpoint, random: () => number, figures: Figures) {
    this.#home = home;
    this.#journal = join(home, 'run.ndjson');
    this.#endpoint = endpoint;
    this.#random = random;
    this.#figures = figures;
    writeFileSync(join(home, 'cases.ndjson'), caseLines());
  }

  async play(cuts: boolean): Promise<void> {
    const kills = 1 + Math.floor(this.#random() * MOST_KILLS);
    for (let kill = 1; kill <= kills; kill++) {
      if (await this.#live(true)) break;
      if (cuts && existsSync(this.#journal)) this.#cutJournal();
    }
    check(await this.#live(false), 'a run that is left alone ends');
    await this.#checkEnd();
  }

  /** One run, killed or not. Resolves with true when it ended by itself. */
  async #live(isKilled: boolean): Promise<boolean> {
    const before = this.#read();
    const { asked, answered } = this.#endpoint;
    const askedBefore = new Map(asked.counts);
    const answeredBefore = answered.total;
    const child = this.#start();
    const ended = exitOf(child);
    const death = isKilled ? this.#killSometime(child) : undefined;
    const { code, stderr } = await ended;
    death?.cancel();
    await this.#endpoint.idle();
    const after = this.#read();
    const answers = answered.total - answeredBefore;
    this.#checkKept(before, after);
    for (const id of enrichedIds(before)) {
      check(asked.of(id) === (askedBefore.get(id) ?? 0), `${id} is enriched and was called again`);
    }
    const lost = answers - (called(after) - called(before));
    check(lost <= (code === null ? LIMIT : 0), `${lost} answered calls are missing`);
    this.#count({ answers, lost, isDead: code === null });
    if (code !== null) check(code === 1, `exit code ${code}: ${stderr}`);
    return code !== null;
  }

  #start(): ChildProcess {
    const args = ['enrich', 'cases.ndjson', '--endpoint', this.#endpoint.url, '-o', 'run.ndjson', '--resume'];
    const more = ['--limit', String(LIMIT), '--dead-letter', 'failed.ndjson', '--progress', 'none'];
    const { PATH } = process.env;
    return spawn(process.execPath, [EXECUTABLE, ...args, ...more], {
      cwd: this.#home,
      env: { PATH },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }

  /** By the clock, or as soon as the endpoint has given so many answers. */
  #killSometime(child: ChildProcess): { cancel(): void } {
    const kill = (): void => void child.kill('SIGKILL');
    if (this.#random() < 0.5) {
      void this.#endpoint.answers(1 + Math.floor(this.#random() * CASES * 0.6)).then(kill);
      return { cancel: () => {} };
    }
    const timer = setTimeout(kill, this.#random() * MAX_LIFE_MS);
    return { cancel: () => clearTimeout(timer) };
  }

  /** Cuts the journal off at any byte of its last three lines. */
  #cutJournal(): void {
    const { whole, tail } = this.#read();
    const lines = (whole + tail).split(/(?<=\n)/);
    const kept = lines.slice(0, -3).join('').length;
    const size = kept + Math.floor(this.#random() * (whole.length + tail.length - kept));
    truncateSync(this.#journal, size);
    this.#figures.cuts++;
  }

  #read(): JournalState {
    // One character a byte, as a journal may be cut in the middle of a character.
    const text = existsSync(this.#journal) ? readFileSync(this.#journal, 'latin1') : '';
    const end = text.lastIndexOf('\n') + 1;
    const whole = text.slice(0, end);
    const values = whole.split('\n').filter((line) => line !== '');
    const results = values.map((line) => JSON.parse(line) as SavedResult).filter((value) => 'caseId' in value);
    return { whole, tail: text.slice(end), results };
  }

  /** Every whole line is still there, unchanged; a torn tail was moved, or was a whole line and has its line break. */
  #checkKept(before: JournalState, after: JournalState): void {
    check(after.whole.startsWith(before.whole), 'a line that was whole is gone');
    if (before.tail === '' || after.whole === before.whole) return;
    const isMended = after.whole.startsWith(`${before.whole}${before.tail}\n`);
    const torn = `${this.#journal}.torn`;
    const isMoved = existsSync(torn) && readFileSync(torn, 'latin1').includes(before.tail);
    check(isMended || isMoved, 'a torn tail is neither in FILE.torn nor mended');
    if (!isMended) this.#figures.torn++;
  }

  #count({ answers, lost, isDead }: { answers: number; lost: number; isDead: boolean }): void {
    const figures = this.#figures;
    figures.answers += answers;
    if (!isDead) return;
    figures.kills++;
    figures.lost += lost;
    figures.mostLost = Math.max(figures.mostLost, lost);
    if (answers === 0) figures.killsBeforeCalls++;
  }

  /** One result a case, the ones that a run without any death has, and nothing left lying about. */
  async #checkEnd(): Promise<void> {
    const expected = new Map(caseIds().map((id) => [id, isRefused(id) ? 'failed' : 'enriched']));
    const { merged, summary } = await mergedResults(this.#home);
    const found = new Map(merged.map(({ caseId, status }) => [String(caseId), status as string]));
    check(merged.length === expected.size + INVALID, `${merged.length} results for ${expected.size + INVALID} records`);
    for (const [id, status] of expected) check(found.get(id) === status, `${id} is ${found.get(id)}, not ${status}`);
    check(summary.total === merged.length, `a total of ${summary.total}`);
    check(summary.enriched === [...expected.values()].filter((status) => status === 'enriched').length, 'the summary');
    const letter = readFileSync(join(this.#home, 'failed.ndjson'), 'utf8');
    const failed = caseIds().filter(isRefused);
    check(letter.split('\n').length - 1 === failed.length, `the dead letter has not ${failed.length} cases`);
    const left = readdirSync(this.#home).filter((name) => /lock|claim|tmp/.test(name));
    check(left.length === 0, `left behind: ${left.join(', ')}`);
  }
}

/** Records that are no cases. */
const INVALID = 2;

function caseIds(): string[] {
  return Array.from({ length: CASES }, (_, at) => `case-${at}`);
}

function caseLines(): string {
  const cases = caseIds().map((id, at) => `{"id":"${id}","at":${at},"exact":12345678901234567890}`);
  cases.splice(20, 0, '{"title":"no id"}');
  cases.splice(70, 0, 'not JSON');
  return `${cases.join('\n')}\n`;
}

async function mergedResults(home: string): Promise<{ merged: SavedResult[]; summary: Summary }> {
  const saved = await openSavedResults(['run.ndjson'], { cwd: home, random: () => 0.5 });
  const merged: SavedResult[] = [];
  for await (const batch of saved.results()) merged.push(...batch.map(({ result }) => result));
  const summary = saved.runs.at(-1)?.summary;
  if (summary === undefined) throw new Error('no closing line');
  return { merged, summary };
}

/** Results that an answer of the endpoint is behind. */
function called({ results }: JournalState): number {
  return results.filter(({ attempts }) => attempts > 0).length;
}

/** What the journal shows as enriched for good, a whole last line without its line break included. */
function enrichedIds({ results, tail }: JournalState): Set<string> {
  const newest = new Map(results.map(({ caseId, status }) => [caseId, status]));
  const last = parsedOrNull(tail);
  if (last !== null && 'caseId' in last) newest.set(last.caseId, last.status);
  return new Set([...newest].flatMap(([id, status]) => (id !== null && status === 'enriched' ? [id] : [])));
}

function parsedOrNull(text: string): SavedResult | null {
  try {
    return JSON.parse(text) as SavedResult;
  } catch {
    return null;
  }
}

/** `code` is null for a process that was killed. */
function exitOf(child: ChildProcess): Promise<{ code: number | null; stderr: string }> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}
