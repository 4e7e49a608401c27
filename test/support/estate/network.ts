// Who reaches whom, and what befalls messages on the way: places that are lost, cables that are cut, and weather.
// What cannot be reached does not answer; it does not refuse.
import type { Ground } from '../../../shared/model/site.ts';
import type { Chance } from '../../../shared/ports/clock.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { wrapped } from './wrapped.ts';

/** One message, for the weather to judge: where it goes, which function of which port it asks for, and of what. */
export type Journey = { from: Ground; to: Ground; port: string; method: string; subject: string };

/** What may befall messages while it lasts; fractions are chances for each message. */
export type Weather = {
  touches(journey: Journey): boolean;
  requestLoss: number;
  /** Lost on the way back: it happened, and nobody heard. */
  answerLoss: number;
  /** It happens a second time, up to `delaySeconds` later, and nobody is told. */
  duplication: number;
  /** A lost answer is asked for again by the client's SDK, which sends the same request once more. */
  resending: number;
  /** Late on the way there: longer than the time-out means that it happens after its caller gave up. */
  lateness: number;
  /** Late on the way back. */
  answerLateness: number;
  /** How late, between these. */
  leastSeconds: number;
  delaySeconds: number;
  /** How long the caller waits for these; null: as for all others. */
  patienceSeconds: number | null;
};

export const fairWeather: Omit<Weather, 'touches'> = {
  requestLoss: 0,
  answerLoss: 0,
  duplication: 0,
  resending: 0,
  lateness: 0,
  answerLateness: 0,
  leastSeconds: 0,
  delaySeconds: 0,
  patienceSeconds: null,
};

export type Network = {
  lose(place: Ground): void;
  revive(place: Ground): void;
  cut(one: Ground, other: Ground): void;
  /** Nothing arrives there from here any more; what is sent the other way does. */
  cutOneWay(from: Ground, to: Ground): void;
  mend(one: Ground, other: Ground): void;
  isLost(place: Ground): boolean;
  /** There and back. */
  reaches(from: Ground, to: Ground): boolean;
  readonly weather: Set<Weather>;
  /** The port as it is reached over the network. Its functions must all be asynchronous. Within a place there is no latency. */
  over<P extends object>(from: Ground, to: Ground, port: string, inner: P, silence: (method: string) => Error): P;
};

export type NetworkOptions = { time: VirtualTime; chance: Chance; latencySeconds: number; timeoutSeconds: number };

type Message = { journey: Journey; work: () => Promise<unknown>; silence: () => Error };

export function createNetwork({ time, chance, latencySeconds, timeoutSeconds }: NetworkOptions): Network {
  const lost = new Set<Ground>();
  const cuts = new Set<string>();
  const weather = new Set<Weather>();
  const cable = (from: Ground, to: Ground) => `${from}>${to}`;
  const passes = (from: Ground, to: Ground) =>
    (lost.size === 0 && cuts.size === 0) || (!lost.has(to) && !lost.has(from) && !cuts.has(cable(from, to)));

  /** In calm weather a message takes a little time, or the whole time-out and then what silence makes of it. */
  function send(message: Message): Promise<unknown> {
    const { from, to } = message.journey;
    for (const one of weather) if (one.touches(message.journey)) return sendThrough(one, message);
    if (from === to && passes(from, to)) return message.work();
    return new Promise((resolve, reject) => {
      const fail = () => time.after(timeoutSeconds, () => reject(message.silence()));
      const answered = (take: () => void) => (passes(to, from) ? take() : fail());
      time.after(chance.fraction() * latencySeconds, () => {
        if (!passes(from, to)) return fail();
        message.work().then(
          (value) => answered(() => resolve(value)),
          (error) => answered(() => reject(error)),
        );
      });
    });
  }

  function sendThrough(conditions: Weather, { journey, work, silence }: Message): Promise<unknown> {
    const happens = (fraction: number) => fraction > 0 && chance.fraction() < fraction;
    const { leastSeconds, delaySeconds } = conditions;
    const late = (fraction: number) =>
      happens(fraction) ? leastSeconds + chance.fraction() * (delaySeconds - leastSeconds) : 0;
    const { from, to } = journey;
    return new Promise((resolve, reject) => {
      time.after(conditions.patienceSeconds ?? timeoutSeconds, () => reject(silence()));
      const answer = (take: () => void, mayResend: boolean) => {
        if (!happens(conditions.answerLoss))
          time.after(late(conditions.answerLateness), () => passes(to, from) && take());
        else if (mayResend && happens(conditions.resending)) arrive(false);
      };
      const arrive = (mayResend: boolean) => {
        if (!passes(from, to)) return;
        work().then(
          (value) => answer(() => resolve(value), mayResend),
          (error) => answer(() => reject(error), mayResend),
        );
      };
      const travelSeconds = chance.fraction() * latencySeconds + late(conditions.lateness);
      if (!happens(conditions.requestLoss)) time.after(travelSeconds, () => arrive(true));
      if (happens(conditions.duplication)) {
        time.after(travelSeconds + chance.fraction() * conditions.delaySeconds, () => {
          if (passes(from, to)) work().catch(() => undefined);
        });
      }
    });
  }

  return {
    lose: (place) => lost.add(place),
    revive: (place) => lost.delete(place),
    cut: (one, other) => {
      cuts.add(cable(one, other)).add(cable(other, one));
    },
    cutOneWay: (from, to) => cuts.add(cable(from, to)),
    mend: (one, other) => {
      cuts.delete(cable(one, other));
      cuts.delete(cable(other, one));
    },
    isLost: (place) => lost.has(place),
    reaches: (from, to) => passes(from, to) && passes(to, from),
    weather,
    over: (from, to, port, inner, silence) =>
      wrapped(inner, (method, subject, work) =>
        send({ journey: { from, to, port, method, subject }, work, silence: () => silence(method) }),
      ),
  };
}
