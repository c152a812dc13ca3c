/** The public API as types: what compiles here compiles for users. `npm run typecheck` is what judges it. */

import { expect, expectTypeOf, test } from 'vitest';
import * as api from '../src/index.js';
import type {
  AttemptContext,
  AttemptOutcome,
  Case,
  EnrichmentClient,
  EnrichmentResult,
  EnrichOptions,
  Entry,
  Failure,
  FailureKind,
  ResultStatus,
} from '../src/index.js';

test('the package exports these values and no others', () => {
  expect(Object.keys(api).toSorted()).toEqual([
    'Case',
    'CaseTrackerError',
    'EnrichedCase',
    'HttpEnrichmentClient',
    'InputError',
    'OutputError',
    'UsageError',
    'enrichCases',
    'loadCases',
    'readCases',
    'resultLine',
  ]);
});

test('results are told apart by their status', () => {
  expectTypeOf<EnrichmentResult['status']>().toEqualTypeOf<ResultStatus>();
  expectTypeOf<Extract<EnrichmentResult, { status: 'enriched' }>['enrichedCase']>().not.toBeNullable();
  expectTypeOf<Exclude<EnrichmentResult, { status: 'enriched' }>['error']>().toEqualTypeOf<Failure>();
  expectTypeOf<Failure['kind']>().toEqualTypeOf<FailureKind>();
});

test('a plain object with a function is a client', () => {
  const client = {
    enrich: ({ id }: Case, { attempt }: AttemptContext): Promise<AttemptOutcome> =>
      Promise.resolve({ ok: true, text: JSON.stringify({ id, attempt }) }),
  };
  expectTypeOf(client).toExtend<EnrichmentClient>();
  expectTypeOf(api.HttpEnrichmentClient).instance.toExtend<EnrichmentClient>();
  interface Owner {
    readonly name: string;
  }
  expectTypeOf<{ enrich: () => Promise<Owner | null> }>().toExtend<EnrichmentClient>();
  expectTypeOf<{ enrich: (aCase: Case) => string[] }>().toExtend<EnrichmentClient>();
  expectTypeOf<{ enrich: () => undefined }>().not.toExtend<EnrichmentClient>();
  expectTypeOf<{ enrich: () => Promise<void> }>().not.toExtend<EnrichmentClient>();
});

test('cases come as arrays, iterables, entries of readCases or plain objects with an id', () => {
  type Cases = Parameters<typeof api.enrichCases>[0];
  expectTypeOf<Case[]>().toExtend<Cases>();
  expectTypeOf<AsyncIterable<Entry>>().toExtend<Cases>();
  expectTypeOf(api.readCases('cases.json')).toExtend<Cases>();
  expectTypeOf<readonly { id: string; title: string }[]>().toExtend<Cases>();
  expectTypeOf<{ title: string }[]>().not.toExtend<Cases>();
});

test('every option may be left out, none may be misspelt', () => {
  expectTypeOf<Record<never, never>>().toExtend<EnrichOptions>();
  expectTypeOf<EnrichOptions['maxFailures']>().toEqualTypeOf<
    { readonly count: number } | { readonly percent: number } | 'none' | undefined
  >();
  expectTypeOf<'concurrency'>().not.toExtend<keyof EnrichOptions>();
});
