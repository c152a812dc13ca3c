import { JsonOutline } from './outline.js';
import { JsonProblem } from './position.js';

/** The first fault of a text that is no JSON: at its end when it ends too soon; undefined when it is JSON. */
export function faultOf(text: string): JsonProblem | undefined {
  const bytes = Buffer.from(text.trimEnd());
  const position = { base: 0, line: 1 };
  const outline = new JsonOutline(undefined, position);
  try {
    for (let at = 0; at < bytes.length;) at = outline.walk(bytes, at);
    outline.end();
  } catch (error) {
    if (error instanceof JsonProblem) return error;
    throw error;
  }
  return outline.state === 'done' ? undefined : new JsonProblem('it ends too soon', bytes.length, position.line);
}
