// The signal by which a part of the local world is told to end.
import { setMaxListeners } from 'node:events';

/** Many sleepers wait on one such signal, which Node would otherwise report as a leak. */
export function createClosing(): AbortController {
  const closing = new AbortController();
  setMaxListeners(0, closing.signal);
  return closing;
}
