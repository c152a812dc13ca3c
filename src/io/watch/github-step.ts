/** The output of a run for GitHub Actions: annotations beside source lines, and the Markdown step summary. */

import { resolve } from 'node:path';
import type { RunWatcher } from '../../core/ports.js';
import type { RunEnd } from '../../core/results/run-end.js';
import type { AnyResult } from '../../core/results/run-info.js';
import { CaseTrackerError } from '../../errors.js';
import type { Host } from '../../host.js';
import { appendStepSummary } from './step-summary.js';
import { GithubAnnotations } from '../../report/annotations.js';
import { MarkdownReport } from '../../report/markdown.js';
import { printable } from '../../text/printable.js';

/** Whether this process is a step of GitHub Actions. */
export function isGithubStep(env: Host['env']): boolean {
  return !['', 'false'].includes(env['GITHUB_ACTIONS'] ?? '');
}

/** Collects the results of a run in bounded memory; secrets are redacted already. */
export class GithubStep implements RunWatcher {
  readonly #host: Host;
  readonly #annotations = new GithubAnnotations();
  readonly #summary = new MarkdownReport();

  constructor(host: Host) {
    this.#host = host;
  }

  delivered(results: readonly AnyResult[]): void {
    for (const result of results) {
      this.#annotations.add(result);
      this.#summary.add(result);
    }
  }

  /**
   * Writes at most 9 annotations to stderr (the runner reads both streams, and stdout is for results) and appends the
   * summary to the file named by GITHUB_STEP_SUMMARY. Neither can fail the run.
   */
  async ended(end: RunEnd): Promise<void> {
    await this.#say(this.#annotations.render(end));
    const { cwd, env } = this.#host;
    const file = env['GITHUB_STEP_SUMMARY'] ?? '';
    if (file === '') return;
    try {
      await appendStepSummary(resolve(cwd, file), this.#summary.render(end));
    } catch (error) {
      if (!(error instanceof CaseTrackerError)) throw error;
      await this.#say(`${printable(error.message)}\n`);
    }
  }

  async #say(text: string): Promise<void> {
    if (text !== '') await this.#host.stderr.write(text);
  }
}
