import { renderError } from '../../errors.js';
import { createRedactor } from '../../io/secrets/redact.js';
import { printable } from '../../text/printable.js';

/** An error as anybody may read it: without these secrets, and printable. */
export function errorText(error: unknown, secrets: readonly string[]): string {
  const redactor = createRedactor(secrets);
  return renderError(error, { shown: (line) => printable(redactor.redact(line)) });
}
