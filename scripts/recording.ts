/** Draws docs/run.svg, the picture of a run in the README, from a real one: `npm run build && npx tsx scripts/recording.ts`. */

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Host, type OutputStream, noticeStream, realHost } from '../src/host.js';
import { main } from '../src/main.js';
import { TerminalScreen } from './terminal.js';
import { type Frame, terminalSvg } from './terminal-svg.js';

const COMMAND = 'enrich --endpoint demo:flaky --timeout 500ms -o run.ndjson';
const COLUMNS = 100;
const PROMPT = '\u001b[32m$\u001b[0m';
/** How many pictures of the run under way are shown, and for how long each and the end. */
const LIVE_FRAMES = 5;
const SECONDS = { live: 0.8, end: 9 };

const root = new URL('../', import.meta.url);

/** The screens in the order in which they were drawn. */
async function record(cwd: string): Promise<string[][]> {
  const screen = new TerminalScreen();
  screen.write(`${PROMPT} case-tracker ${COMMAND}\n`);
  const screens: string[][] = [];
  const terminal: OutputStream = {
    isTTY: true,
    columns: COLUMNS,
    write: (text) => {
      screen.write(String(text));
      screens.push(screen.lines.map(steady));
      return Promise.resolve();
    },
  };
  await new Promise<void>((ended) => {
    const stdout: OutputStream = { isTTY: true, columns: COLUMNS, write: () => Promise.resolve() };
    const host: Host = {
      ...realHost(),
      stdout,
      stderr: noticeStream(terminal),
      cwd,
      env: {},
      random: () => 0.5,
      exit: () => ended(),
    };
    main(COMMAND.split(' '), host);
  });
  return screens;
}

/** Figures of time differ from run to run; these stand for them, as wide as they are. */
const STEADY: readonly (readonly [RegExp, string])[] = [
  [/(\s{2}Time\s+).*/, '$12.3s   17 cases/s · p50 6ms · p90 31ms · p99 41ms · max 41ms'],
  [/p50 \d+ms p99 \d+ms/, 'p50 6ms p99 41ms'],
  [/(answered within )\d+ms/, '$141ms'],
  [/(waiting |pause, )1\.\ds/, '$11.1s'],
];

function steady(line: string): string {
  return STEADY.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}

function framesOf(screens: readonly string[][]): Frame[] {
  const live = screens.filter((lines) => lines.some((line) => / of 40 .*%/.test(line)));
  const step = Math.max(1, Math.floor(live.length / LIVE_FRAMES));
  const shown = live.filter((_, index) => index % step === 0).slice(0, LIVE_FRAMES);
  const end = (screens.at(-1) ?? []).filter((line, row, all) => line !== '' || row < all.length - 1);
  return [...shown.map((lines) => ({ lines, seconds: SECONDS.live })), { lines: end, seconds: SECONDS.end }];
}

const folder = mkdtempSync(join(tmpdir(), 'case-tracker-recording-'));
try {
  for (const name of ['package.json', 'data']) cpSync(new URL(name, root), join(folder, name), { recursive: true });
  const frames = framesOf(await record(folder));
  writeFileSync(new URL('docs/run.svg', root), terminalSvg(frames, COLUMNS, `$ case-tracker ${COMMAND}`));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
