// Probing a health endpoint over HTTP, and telling a site's failure from one of our own.
import type { HealthProbe, Observation } from '../ports/probe.ts';

/** Errors of the observer's own name resolution and network: they say nothing about the site. */
const oursAlone = new Set(['EAI_AGAIN', 'ENETDOWN', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EMFILE']);

/**
 * Any 2xx is healthy; any other status, a refused or broken connection and a bad certificate are unhealthy; a time-out and errors of our own
 * network are unknown. Redirects are not followed: a health endpoint answers for itself.
 */
export function createHttpProbe(fetchUrl: typeof fetch, nowSeconds: () => number): HealthProbe {
  return {
    async check(url, timeoutSeconds) {
      const startedSeconds = nowSeconds();
      const seen = (health: Observation['health'], because: string): Observation => ({
        health,
        because,
        latencySeconds: nowSeconds() - startedSeconds,
      });
      try {
        const answer = await fetchUrl(url, {
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutSeconds * 1000),
          headers: { 'user-agent': 'causeway-lookout', 'cache-control': 'no-cache' },
        });
        await answer.arrayBuffer();
        return answer.ok ? seen('healthy', `HTTP ${answer.status}`) : seen('unhealthy', `HTTP ${answer.status}`);
      } catch (error) {
        if (isTimeout(error)) return seen('unknown', `no answer within ${timeoutSeconds} s`);
        const code = codeOf(error);
        return oursAlone.has(code)
          ? seen('unknown', `${code}, which is this observer's own network`)
          : seen('unhealthy', code);
      }
    },
  };
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
}

/** fetch says only "fetch failed"; what happened is in the cause, and that in its own cause for some. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause ? codeOf(error.cause) : error.message;
}
