// The policy: one ordered table of rules. The first that matches wins, and its sentence is what people read.
import { handedOverInVain } from '../model/situation.ts';
import { type Case, neverOpened } from './case.ts';
import { isPausing, roleHasMoved } from './switchover.ts';

export type Verdict = 'hold' | 'carry-on' | 'open-run' | 'give-way';

export type Rule = {
  name: string;
  when: (it: Case) => boolean;
  to: Verdict;
  because: (it: Case) => string;
  /** For a hold that keeps something from happening: what blocks it, and what would unblock it. */
  blocked?: (it: Case) => { by: string; unblock: string };
};

const downSite = (it: Case) => it.down?.site ?? '';
const targetSite = (it: Case) => it.target?.site ?? '';

const promotes = (it: Case) => it.scenario?.actions.some(({ action }) => action.kind === 'promote_db') ?? false;
const withinRpo = (it: Case) => {
  const lagSeconds = it.standby?.lagSeconds ?? null;
  return lagSeconds !== null && lagSeconds <= it.strategy.objectives.rpoSeconds;
};

const handedOverBy = ({ situation }: Case) => situation.previous?.writer ?? '';

const unopened = ({ situation }: Case) =>
  `${situation.writer} took the role at epoch ${situation.epoch} and its database was never opened, so that nobody can write`;

const whyNobodyWrites = (it: Case) => {
  const { lease, writer, epoch } = it.situation;
  if (lease.fenced) return `; nobody can write meanwhile: ${writer} is fenced at epoch ${epoch}`;
  return neverOpened(it.situation) ? `; ${unopened(it)} meanwhile` : '';
};

export const policy: Rule[] = [
  {
    name: 'paused',
    when: (it) => it.situation.paused !== null,
    to: 'hold',
    because: (it) =>
      `${it.situation.paused?.by} paused all automation: ${it.situation.paused?.reason}${whyNobodyWrites(it)}`,
    blocked: () => ({ by: 'the pause', unblock: '`causeway resume`' }),
  },
  {
    name: 'move-gives-way',
    // While the writer of a planned move may be fenced it looks unwell, and the move's own deadline ends that soon.
    when: (it) => {
      const { run } = it.situation;
      if (it.down === null || !run?.handOver || isPausing(run)) return false;
      return it.writerIsDown || !roleHasMoved(run);
    },
    to: 'give-way',
    because: (it) =>
      `${downSite(it)} is down in the middle of the planned move ${it.situation.run?.id}, which gives way to what is to be done about that: ${it.down?.because}`,
  },
  {
    name: 'run-open',
    when: (it) => it.situation.run !== null,
    to: 'carry-on',
    because: (it) =>
      `the run ${it.situation.run?.id} (${it.situation.run?.scenario}) is open and is carried to its end before anything else begins`,
  },
  {
    name: 'opening-waits',
    // Who gave the run up meant something by it, and has the cool-down to say what.
    when: (it) => it.opensWriter && it.coolDownLeftSeconds > 0 && !it.allows('cool-down'),
    to: 'hold',
    because: (it) => `${unopened(it)}; the run ${it.situation.lastRun?.id} ended a moment ago`,
    blocked: (it) => ({
      by: `the cool-down, for another ${Math.ceil(it.coolDownLeftSeconds)} s`,
      unblock: 'waiting, `causeway override cool-down`, or `causeway pause` if it is to stay shut',
    }),
  },
  {
    name: 'writer-never-opened',
    when: (it) => it.opensWriter,
    to: 'open-run',
    because: (it) => `${unopened(it)}: the promotion is begun again`,
  },
  {
    name: 'writer-returns',
    when: (it) => it.writerIsDown && it.returnsLeftSeconds > 0,
    to: 'hold',
    because: (it) =>
      `${downSite(it)} looks down, and the planned move ${it.situation.lastRun?.id}, for which it was fenced, has just been given up: it takes its role back by itself`,
    blocked: (it) => ({
      by: `the time that it is given for that, another ${Math.ceil(it.returnsLeftSeconds)} s`,
      unblock: 'waiting',
    }),
  },
  {
    name: 'role-returns',
    when: (it) => it.writerIsDown && handedOverInVain(it.situation, handedOverBy(it)),
    to: 'hold',
    because: (it) =>
      `${downSite(it)} is down, took the role at epoch ${it.situation.epoch} and never opened its database: ${handedOverBy(it)}, which had handed over all that it wrote, takes the role back by itself`,
    blocked: (it) => ({
      by: `the lease of ${downSite(it)}, which must stand still for ${it.strategy.authority.ttlSeconds + it.strategy.authority.marginSeconds} s`,
      unblock: `waiting, while a keeper of ${handedOverBy(it)} runs and reaches its database; or ${downSite(it)} healthy again`,
    }),
  },
  {
    name: 'no-scenario',
    when: (it) => it.down !== null && it.scenario === null,
    to: 'hold',
    because: (it) =>
      `${downSite(it)} is down, and the strategy has no scenario with the trigger ${downSite(it)}_health_check_failed`,
    blocked: (it) => ({
      by: 'the strategy',
      unblock: `a scenario for ${downSite(it)}_health_check_failed in the strategy`,
    }),
  },
  {
    name: 'no-target',
    when: (it) => it.down !== null && it.target === null,
    to: 'hold',
    because: (it) => `${downSite(it)} is down, and the scenario ${it.scenario?.name} names no site to go to`,
    blocked: () => ({ by: 'the strategy', unblock: 'an `update_dns: route_to_<site>` action in the scenario' }),
  },
  {
    name: 'no-outside-witness',
    when: (it) => it.down !== null && it.writerIsDown && !it.down.confirmedFromElsewhere && !it.allows('authority'),
    to: 'hold',
    because: (it) =>
      `${downSite(it)} looks down, but no lookout outside both clouds confirms it: two clouds alone cannot tell a dead peer from a cut cable`,
    blocked: () => ({
      by: 'no fresh lookout outside both clouds',
      unblock: 'the outside lookout back, or `causeway override authority` by a person who knows',
    }),
  },
  {
    name: 'target-unhealthy',
    when: (it) => it.down !== null && it.target?.verdict !== 'up' && !it.allows('target-veto'),
    to: 'hold',
    because: (it) => `${downSite(it)} is down, but ${targetSite(it)} cannot take over: ${it.target?.because}`,
    blocked: (it) => ({
      by: `${targetSite(it)} is ${it.target?.verdict}`,
      unblock: `${targetSite(it)} healthy again, or \`causeway override target-veto\``,
    }),
  },
  {
    name: 'cool-down',
    // A cool-down damps flapping, but never blocks the recovery of the site that has just become the writer.
    when: (it) =>
      it.down !== null &&
      it.coolDownLeftSeconds > 0 &&
      it.situation.lastRun?.target !== it.down.site &&
      !it.allows('cool-down'),
    to: 'hold',
    because: (it) =>
      `${downSite(it)} is down, but the run ${it.situation.lastRun?.id} ended less than ${it.strategy.authority.coolDownSeconds} s ago`,
    blocked: (it) => ({
      by: `the cool-down, for another ${Math.ceil(it.coolDownLeftSeconds)} s`,
      unblock: 'waiting, or `causeway override cool-down`',
    }),
  },
  {
    name: 'no-promotion',
    // Traffic follows authority: clients led to a site whose database may not be written would read yesterday and write nowhere.
    when: (it) => it.down !== null && it.writerIsDown && !promotes(it),
    to: 'hold',
    because: (it) =>
      `the writer ${downSite(it)} is down, and the scenario ${it.scenario?.name} promotes no database: traffic would go where nobody can write`,
    blocked: (it) => ({
      by: 'the strategy',
      unblock: `\`promote_${targetSite(it)}_db: read_write_mode\` in the scenario, or ${downSite(it)} healthy again`,
    }),
  },
  {
    name: 'standby-behind',
    // Decided before the role is taken: a role taken and a database that may not be opened would leave nobody to write.
    when: (it) => it.down !== null && promotes(it) && !withinRpo(it) && !it.allows('rpo'),
    to: 'hold',
    because: (it) =>
      `${downSite(it)} is down, but promoting ${targetSite(it)} could lose more than the RPO allows: ${it.standby?.because ?? 'nobody can say how far its database is behind'}`,
    blocked: (it) => ({
      by: `the RPO of ${it.strategy.objectives.rpoSeconds} s`,
      unblock: `${targetSite(it)} catching up, or \`causeway override rpo\``,
    }),
  },
  {
    name: 'writer-down',
    when: (it) => it.down !== null && it.writerIsDown,
    to: 'open-run',
    because: (it) => `the writer ${downSite(it)} is down and ${targetSite(it)} is healthy: ${it.down?.because}`,
  },
  {
    name: 'standby-down',
    when: (it) => it.down !== null,
    to: 'open-run',
    because: (it) => `${downSite(it)}, which serves traffic but does not write, is down: ${it.down?.because}`,
  },
  {
    name: 'writer-not-open',
    when: (it) => neverOpened(it.situation),
    to: 'hold',
    because: (it) => unopened(it),
    blocked: (it) => ({
      by: `a silent keeper of ${it.situation.writer}, or a strategy without a scenario that promotes its database`,
      unblock: `the keeper back, \`promote_${it.situation.writer}_db: read_write_mode\` in a scenario, or \`causeway break-glass explain\``,
    }),
  },
  {
    name: 'suspected',
    when: (it) => it.suspected.length > 0,
    to: 'hold',
    because: (it) => it.suspected.map((one) => one.because).join('; '),
    blocked: () => ({ by: 'not enough evidence yet', unblock: 'time, or more vantages' }),
  },
  {
    name: 'all-well',
    when: () => true,
    to: 'hold',
    because: (it) =>
      `${it.situation.writer} is the writer at epoch ${it.situation.epoch}, and nothing that serves traffic is down`,
  },
];
