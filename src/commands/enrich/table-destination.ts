/** `-o postgres://…?table=…`: the results of a run go into a table. */

import type { EnrichValues } from '../../config/resolved.js';
import { Resumption } from '../../core/merge/resumption.js';
import type { EnrichmentClient, Prepared } from '../../core/ports.js';
import type { Host } from '../../host.js';
import type { FileOps } from '../../io/files/file-ops.js';
import { idProblem } from '../../io/postgres/result-rows.js';
import { openTable, randomUuid, readFormer, refuseResults, tableSink } from '../../io/postgres/results-table.js';
import type { SteadyLink } from '../../io/postgres/steady-link.js';
import { freshnessAt, futureNotes } from '../../io/saved/journal-freshness.js';
import { openOutputs } from '../../io/sinks/open.js';
import { durationFlag } from '../../text/format.js';
import type { Destination } from './destination.js';

/** Opens the table, and the dead letter beside it, before the first call. */
export async function openTableDestination(values: EnrichValues, host: Host, ops: FileOps): Promise<Destination> {
  const { output = '', passwords, outputWaitMs, resume, only, refreshAfterMs, deadLetter, files } = values;
  const table = await openTable({ url: output, passwords }, host);
  try {
    const freshness = freshnessAt(refreshAfterMs, host.clock.wallNow());
    const former = resume ? await readFormer(table, host.random, freshness) : undefined;
    if (former === undefined) await refuseResults(table);
    const outputs = await openOutputs({ deadLetter, inputs: files }, { host, ops });
    const { sink, link } = tableSink(table, randomUuid(host.random), outputWaitMs, host);
    const unlisten = hurryOnSignals(link, values, host);
    return {
      format: 'ndjson',
      file: output,
      isJournal: true,
      isTable: true,
      resumption: former && new Resumption(former.index, only),
      lastRun: former?.lastRun,
      notices: freshness === undefined ? outputs.notices : [...outputs.notices, ...futureNotes(freshness, output)],
      sink,
      deadLetter: outputs.deadLetter,
      attach: (run, say) => link.watch(pausing(run, say, output, values, host)),
      clientOf: onlyStorable,
      async [Symbol.asyncDispose]() {
        unlisten();
        try {
          await sink.close();
        } finally {
          await outputs.deadLetter?.close();
        }
      },
    };
  } catch (error) {
    table.connection.destroy();
    throw error;
  }
}

/** What a run would know of its cases from the table, for a dry run. */
export async function peekTable(values: EnrichValues, host: Host): Promise<Resumption | undefined> {
  const { output = '', passwords, resume, only, refreshAfterMs } = values;
  const table = await openTable({ url: output, passwords }, host);
  try {
    if (!resume) {
      await refuseResults(table);
      return undefined;
    }
    const freshness = freshnessAt(refreshAfterMs, host.clock.wallNow());
    return new Resumption((await readFormer(table, host.random, freshness)).index, only);
  } finally {
    table.connection.destroy();
  }
}

/** The first signal leaves the database the time of the calls in flight, the second none. */
function hurryOnSignals(link: SteadyLink, { graceMs }: EnrichValues, host: Host): () => void {
  let count = 0;
  return host.onSignal(() => link.hurry(count++ === 0 ? graceMs : 0));
}

/** While the database is away no call begins; both its going and its return are said. */
function pausing(
  run: { pauseCalls(isPaused: boolean): void },
  say: (text: string) => void,
  name: string,
  { outputWaitMs }: EnrichValues,
  { clock }: Host,
): Parameters<SteadyLink['watch']>[0] {
  let since = 0;
  return {
    away(problem) {
      since = clock.now();
      run.pauseCalls(true);
      say(`${name}: ${problem}; waiting up to ${durationFlag(outputWaitMs)} for it, no new call meanwhile`);
    },
    back() {
      run.pauseCalls(false);
      say(`${name} is back after ${((clock.now() - since) / 1000).toFixed(1)} s`);
    },
  };
}

/** The client, but a case whose id no text column can hold is refused before its call. */
function onlyStorable(client: EnrichmentClient): EnrichmentClient {
  const { batch, safeToRepeat, endsAttempts, credentials } = client;
  return {
    prepare(aCase): Prepared {
      const problem = idProblem(aCase.id);
      if (problem !== undefined) return { problem };
      return client.prepare?.(aCase) ?? { key: '', request: undefined };
    },
    enrich: (aCase, context) => client.enrich(aCase, context),
    ...(batch === undefined ? {} : { batch }),
    ...(safeToRepeat === undefined ? {} : { safeToRepeat }),
    ...(endsAttempts === undefined ? {} : { endsAttempts }),
    ...(credentials === undefined ? {} : { credentials }),
  };
}
