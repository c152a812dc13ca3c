/** What the conformance suites of the ports are made of: named checks that any implementation is put through. */

import { describe, test } from 'vitest';

/** One promise of a port. `check` rejects for a subject that does not keep it; it makes as many subjects as it needs. */
export interface Check<Subject> {
  readonly name: string;
  readonly check: (make: Make<Subject>) => Promise<void>;
}

/** Makes a fresh subject: an implementation, and what a check needs to see of it from outside. */
export type Make<Subject> = () => Subject | Promise<Subject>;

/** Registers every check as a test. `except` names those that the port does not ask of this implementation. */
export function conforms<Subject>(
  title: string,
  checks: readonly Check<Subject>[],
  make: Make<Subject>,
  except: readonly string[] = [],
): void {
  describe(title, () => {
    const asked = checks.filter(({ name }) => !except.includes(name));
    test.each(asked.map((one) => [one.name, one] as const))('%s', (_, one) => one.check(make));
  });
}

/** Names of the checks that a subject fails, or does not come to the end of. For subjects that live in memory. */
export async function failedChecks<Subject>(checks: readonly Check<Subject>[], make: Make<Subject>): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, check } of checks) {
    const ended = check(make).then(
      () => true,
      () => false,
    );
    if (!(await Promise.race([ended, turns(200).then(() => false)]))) failed.push(name);
  }
  return failed;
}

/** Resolves when the event loop has gone round so often. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** What the action throws or rejects with; undefined when it does neither. */
export async function errorOf(action: () => unknown): Promise<unknown> {
  try {
    await action();
    return undefined;
  } catch (error) {
    return error;
  }
}
