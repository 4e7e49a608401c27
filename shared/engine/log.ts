// One line of JSON for each thing worth knowing, in the form that both clouds' log services read (severity, message, fields).
import type { Clock } from '../ports/clock.ts';

export type Severity = 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR';

export type Log = (severity: Severity, message: string, fields?: Record<string, unknown>) => void;

export function createJsonLog(write: (line: string) => void, clock: Clock, base: Record<string, unknown>): Log {
  return (severity, message, fields = {}) =>
    write(JSON.stringify({ severity, time: clock.now().toISOString(), message, ...base, ...fields }));
}

/** An error with its causes, in one sentence each; stacks only for errors of our own code. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: String(error) };
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause) {
    causes.push(`${cause.name}: ${cause.message}`);
  }
  const ours =
    error.name === 'TypeError' || error.name === 'RangeError' || error.name === 'Error' || error.name === 'ZodError';
  return {
    error: `${error.name}: ${error.message}`,
    ...(causes.length > 0 && { causes }),
    ...(ours && { stack: error.stack }),
  };
}
