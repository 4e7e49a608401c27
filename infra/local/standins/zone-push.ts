// Propagation: a changed zone reaches the name servers some seconds after the API has accepted it.
import type { Clock } from '../../../shared/ports/clock.ts';
import type { ZoneImage } from '../dns/image.ts';

export type ZonePush = {
  /** Resolves when every name server has this image or a newer one, or when pushing has stopped. Never rejects. */
  push(image: ZoneImage): Promise<void>;
  close(): void;
};

export type ZonePushOptions = {
  /** Control URLs of the name servers. */
  nameServers: string[];
  propagationSeconds: number;
  /** Between two tries at a name server that does not take it. */
  retrySeconds: number;
  clock: Clock;
};

export function createZonePush(options: ZonePushOptions): ZonePush {
  const closing = new AbortController();
  const { clock } = options;
  let newest = 0;
  const deliver = async (url: string, image: ZoneImage): Promise<void> => {
    // An image that was overtaken need not arrive: the newer one is whole.
    while (!closing.signal.aborted && image.serial >= newest) {
      if (await put(url, image, closing.signal)) return;
      await clock.sleep(options.retrySeconds, closing.signal);
    }
  };
  return {
    push: async (image) => {
      await clock.sleep(options.propagationSeconds, closing.signal);
      newest = Math.max(newest, image.serial);
      await Promise.all(options.nameServers.map((url) => deliver(url, image)));
    },
    close: () => closing.abort(),
  };
}

/** False when it may not have arrived; pushing an image again is harmless. */
async function put(url: string, image: ZoneImage, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/zone`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(image),
      signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]),
    });
    await answer.text();
    return answer.ok;
  } catch {
    // The caller tries again until it is taken or overtaken: a name server that is away gets it when it is back.
    return false;
  }
}
