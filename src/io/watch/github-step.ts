/** What a step of GitHub Actions shows of a run: annotations beside the lines, and the Markdown summary. */

import { resolve } from 'node:path';
import type { AnyResult } from '../../core/results/run-info.js';
import { CaseTrackerError } from '../../errors.js';
import type { Host } from '../../host.js';
import { appendStepSummary } from './step-summary.js';
import { GithubAnnotations } from '../../report/annotations.js';
import { MarkdownReport } from '../../report/markdown.js';
import { printable } from '../../text/printable.js';
import type { ReportView } from '../../report/view.js';

/** Takes every result of a run in bounded memory, secrets already taken out; does nothing outside GitHub Actions. */
export class GithubStep {
  readonly #host: Host;
  readonly #isOn: boolean;
  readonly #annotations = new GithubAnnotations();
  readonly #summary = new MarkdownReport();

  constructor(host: Host) {
    this.#host = host;
    this.#isOn = (host.env['GITHUB_ACTIONS'] ?? '') !== '' && host.env['GITHUB_ACTIONS'] !== 'false';
  }

  delivered(results: readonly AnyResult[]): void {
    if (!this.#isOn) return;
    for (const result of results) {
      this.#annotations.add(result);
      this.#summary.add(result);
    }
  }

  /**
   * Writes at most 9 annotations to stderr (the runner reads both streams, and stdout is for results) and appends the
   * summary to the file named by GITHUB_STEP_SUMMARY. Neither can fail the run.
   */
  async finish(view: ReportView): Promise<void> {
    if (!this.#isOn) return;
    await this.#say(this.#annotations.render(view));
    const { cwd, env } = this.#host;
    const file = env['GITHUB_STEP_SUMMARY'] ?? '';
    if (file === '') return;
    try {
      await appendStepSummary(resolve(cwd, file), this.#summary.render(view));
    } catch (error) {
      if (!(error instanceof CaseTrackerError)) throw error;
      await this.#say(`${printable(error.message)}\n`);
    }
  }

  async #say(text: string): Promise<void> {
    if (text !== '') await this.#host.stderr.write(text);
  }
}
