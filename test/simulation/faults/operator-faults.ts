// What operators do meanwhile, and what managed checks say: commands and alarms, delivered through a function of either site.
import type { OperatorCommand } from '../../../shared/model/operator.ts';
import type { Signal } from '../../../shared/model/signal.ts';
import type { World } from '../world.ts';
import { type Fault, pick } from './fault.ts';

const overrides = ['rpo', 'authority', 'cool-down', 'traffic-cap', 'target-veto'] as const;

export const operatorCommands: Fault = (world, chance) => {
  const site = pick(chance, world.sites);
  const said = { id: chance.id(), by: 'ada', reason: 'decided on the incident call' };
  const drawn = chance.fraction();
  const run = world.history.latest().run?.id;
  const given: OperatorCommand =
    drawn < 0.3
      ? { command: 'pause', ...said }
      : drawn < 0.5
        ? { command: 'resume', ...said }
        : drawn < 0.75 || !run
          ? { command: 'override', what: pick(chance, overrides), ...said }
          : { command: 'abandon', run, ...said };
  command(world, site, given);
  const twice = chance.fraction() < 0.3;
  if (twice) world.estate.time.after(chance.fraction() * 5, () => command(world, pick(chance, world.sites), given));
  return {
    says: `an operator at ${site} commands ${given.command}${given.command === 'override' ? ` ${given.what}` : ''}${twice ? ', twice' : ''}`,
    end: () => {
      if (given.command === 'pause') command(world, site, { command: 'resume', ...said, id: chance.id() });
    },
  };
};

/** The writer is moved to the other site, whatever else goes on; refused where a precondition is not met. */
export const plannedMove: Fault = (world, chance) => {
  const to = world.sites.find((site) => site !== world.history.latest().writer) ?? '';
  const said = { by: 'ada', reason: 'maintenance of the other region' };
  const given = {
    command: 'switchover',
    id: chance.id(),
    to,
    deadlineSeconds: 5 + Math.floor(chance.fraction() * 25),
    ...said,
  } as const;
  const site = pick(chance, world.sites);
  if (chance.fraction() < 0.5)
    command(world, site, { command: 'override', id: chance.id(), what: 'cool-down', ...said });
  // After the override has been decided.
  world.estate.time.after(2, () => command(world, site, given));
  if (chance.fraction() < 0.2)
    world.estate.time.after(chance.fraction() * 20, () => command(world, pick(chance, world.sites), given));
  return { says: `an operator at ${site} moves the writer to ${to}`, end: () => undefined };
};

/** Given through a function of the site, which may not be there. */
export function command(world: World, site: string, given: OperatorCommand): void {
  if (world.estate.network.isLost(world.placeOf(site))) return;
  world.coverage.commands += 1;
  void world.schedules
    .callFunction(site)
    .onOperator(given)
    .then(
      ({ outcome, because }) => world.trace.say(`the command ${given.command} at ${site}: ${outcome} ${because ?? ''}`),
      (error) => world.trace.say(`the command ${given.command} at ${site} failed: ${String(error)}`),
    );
}

/** A managed check speaks: true or not, late or not. It wakes a keeper. */
export const alarmSpeaks: Fault = (world, chance) => {
  const site = pick(chance, world.sites);
  const about = pick(chance, world.sites);
  const now = world.estate.clock.now().getTime() - chance.fraction() * 600_000;
  const signal: Signal = {
    kind: 'health',
    id: chance.id(),
    site: about,
    component: 'application',
    health: chance.fraction() < 0.7 ? 'unhealthy' : 'healthy',
    vantage: { kind: 'managed-check', name: `check-of-${site}`, ground: world.placeOf(site) },
    observedAt: new Date(now).toISOString(),
    because: 'a managed check has seen it so',
  };
  if (!world.estate.network.isLost(world.placeOf(site))) {
    void world.schedules
      .callFunction(site)
      .onEvent({ signals: [signal], rejections: [] })
      .catch((error) => world.trace.say(`the alarm function of ${site} failed: ${String(error)}`));
  }
  return { says: `a managed check at ${site} says that ${about} is ${signal.health}`, end: () => undefined };
};
