/** The package's public API. */

export {
  Case,
  EnrichedCase,
  type CaseEntry,
  type EnrichedResult,
  type EnrichmentResult,
  type Entry,
  type Failure,
  type FailureKind,
  type InvalidEntry,
  type Place,
  type ResultStatus,
  type Try,
  type UnenrichedResult,
  type WaitReason,
} from './core/case.js';
export type {
  AttemptContext,
  AttemptFailure,
  AttemptOutcome,
  AttemptSuccess,
  BatchPort,
  Clock,
  CredentialProvider,
  Enrichment,
  EnrichmentClient,
  PendingAnswer,
  Prepared,
  PreparedRequest,
  Random,
  Timer,
  Token,
} from './core/ports.js';
export type { SavedResult } from './core/results/run-info.js';
export { resultLine } from './core/results/result-text.js';
export type { Threshold } from './core/run/stop-rules.js';
export { CaseTrackerError, InputError, OutputError, UsageError } from './errors.js';
export type { DryRun, HttpClientOptions } from './io/http/client.js';
export type { TlsOptions } from './io/http/tls.js';
export { loadCases, type LoadOptions, readCases } from './io/sources/load.js';
export type { CaseInput } from './io/sources/given-cases.js';
export { type ClientOptions, enrichCases, type EnrichOptions, HttpEnrichmentClient } from './library.js';
