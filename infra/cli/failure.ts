// How a command fails: one sentence with the way out; causes and stacks only for who asks for them.

/** Wrong usage, or something that a command needs did not answer. Its message is the whole sentence, way out included. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

/** Errors of our own code, as opposed to answers of the world. */
const ours = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError', 'ZodError'];

/** One sentence for a person. With `verbose`, the causes and where each was thrown. */
export function failureText(error: unknown, verbose: boolean): string {
  if (verbose) return chainOf(error).map(wholeText).join('\ncaused by ');
  const sentence = error instanceof Error ? error.message : String(error);
  const hint = chainOf(error).length > 1 || isOurs(error) ? ' (--verbose shows what is behind it)' : '';
  return isOurs(error) ? `causeway itself failed: ${sentence}${hint}` : `${sentence}${hint}`;
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && ours.includes(error.name);
}

function chainOf(error: unknown): unknown[] {
  const chain = [error];
  for (let cause = causeOf(error); cause !== undefined && chain.length < 8; cause = causeOf(cause)) chain.push(cause);
  return chain;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function wholeText(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
