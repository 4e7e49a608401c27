// Serving: what a deployed function does with a parsed event. Each call gets an engine of its own, because observations are never carried
// from one call to the next: a function may have been frozen in between.
import * as z from 'zod';
import { OperatorCommand } from '../model/operator.ts';
import type { Parsed } from '../model/signal.ts';
import { composeEngine, type Engine } from './compose.ts';
import { operate } from './operate.ts';
import { type Response, respond } from './respond.ts';
import type { Surroundings } from './surroundings.ts';

export type Service = {
  /** Alarms, lag metrics and schedules. */
  onEvent(parsed: Parsed): Promise<Response>;
  /** An operator's command; throws an error that says what is wrong with it. */
  onOperator(command: unknown): Promise<{ outcome: string; because: string | null }>;
};

/** An alarm wakes a keeper for at most this long; the scheduled one is there anyway. */
const wakeSeconds = 120;

export function createService(around: Omit<Surroundings, 'incarnation'>, keeperSeconds: number): Service {
  async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
    const engine = composeEngine({ ...around, incarnation: around.chance.id().slice(0, 8) });
    try {
      return await work(engine);
    } finally {
      await engine.settle();
    }
  }

  return {
    onEvent: (parsed) =>
      withEngine((engine) =>
        respond(parsed, {
          ...engine.respondDeps,
          keep: () => engine.keeper.run({ lifetimeSeconds: keeperSeconds, signal: new AbortController().signal }),
          wake: () => wake(engine, around),
        }),
      ),
    onOperator: (command) =>
      withEngine(async (engine) => {
        const result = await operate(parseCommand(command), {
          ...engine.respondDeps,
          strategy: around.strategy,
          register: engine.register,
        });
        return { outcome: result.kind, because: result.kind === 'committed' ? null : result.because };
      }),
  };
}

/** Throws an error that says what was given wrong and what would have been taken. */
function parseCommand(command: unknown): OperatorCommand {
  const parsed = OperatorCommand.safeParse(command);
  if (parsed.success) return parsed.data;
  const known = OperatorCommand.options.map(({ shape }) => [...shape.command.values].join()).join(', ');
  throw new Error(
    `this is no operator's command, and nothing was done:\n${z.prettifyError(parsed.error)}\ngive {command: one of ${known}; id, by, reason; what for override; run for abandon; to for switchover}, or let \`causeway\` give it`,
    { cause: parsed.error },
  );
}

/** Beats until nothing has been suspected and no run was open for three beats, or the time is up. */
async function wake(engine: Engine, around: Omit<Surroundings, 'incarnation'>): Promise<void> {
  const ended = new AbortController();
  const { beatSeconds } = around.strategy.authority;
  const watching = (async () => {
    while (!ended.signal.aborted && engine.calmBeats() < 3) await around.clock.sleep(beatSeconds, ended.signal);
    ended.abort();
  })();
  await engine.keeper.run({ lifetimeSeconds: wakeSeconds, signal: ended.signal });
  ended.abort();
  await watching;
}
