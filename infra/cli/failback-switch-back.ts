// `causeway failback switch-back`: watches that the site which came back is well without a break, and then hands it the writer's role.
import type { Check } from '../../shared/decision/switchover-checks.ts';
import type { SiteName } from '../../shared/model/site.ts';
import type { Situation } from '../../shared/model/situation.ts';
import { durationText, secondsOf } from '../../shared/strategy/duration.ts';
import { type Answer, type CommonFlags, colorsOf, FINDING } from './command.ts';
import { Unusable } from './failure.ts';
import { lookAround } from './look.ts';
import { type Estate, openEstate } from './open.ts';
import { checksOf, switchover } from './switchover.ts';
import type { Terminal } from './terminal.ts';

export type SwitchBackFlags = CommonFlags & {
  to?: string;
  stableFor?: string;
  deadline: string;
  yes?: true;
  reason?: string;
  by?: string;
};

/** Beyond so many windows it is not waited any more: a site that is not well for that long is not ready to be the writer. */
const WINDOWS = 6;

/** What a switch back comes to, once it is known where to and how long is watched. */
type Goal = { to: SiteName; windowSeconds: number };

/** Without --yes the dry run of the switchover, and no watching. Throws `Unusable`. */
export async function switchBack(terminal: Terminal, flags: SwitchBackFlags): Promise<Answer> {
  const askedSeconds = flags.stableFor === undefined ? undefined : secondsOf(flags.stableFor);
  if (askedSeconds === null) throw new Unusable('--stable-for is a duration, such as 10m');
  if (flags.yes && !flags.reason?.trim())
    throw new Unusable('--yes needs --reason "...": why the writer is moved back');
  const estate = openEstate(terminal, flags);
  const to = flags.to ?? (await homeOf(estate));
  const windowSeconds = askedSeconds ?? estate.strategy.replication.failbackWindowSeconds;
  if (!flags.yes) {
    const foretold = await switchover(terminal, { ...flags, to });
    const text = `${foretold.text}\nwith --yes it is first watched that ${to} is well for ${durationText(windowSeconds)} without a break`;
    return { ...foretold, text };
  }
  const unstable = await watchStability(terminal, estate, flags, { to, windowSeconds });
  return unstable ?? switchover(terminal, { ...flags, to });
}

/** Throws `Unusable` where the register and the strategy do not say one site. */
async function homeOf({ register, strategy }: Estate): Promise<SiteName> {
  const read = await register.read();
  if (read.kind !== 'value') {
    const because = read.kind === 'unknown' ? read.because : 'it was never written';
    throw new Unusable(`the register does not say where the role came from: ${because}. Say it with --to`);
  }
  const home = homeIn(read.value, strategy.replication.primary);
  if (home.kind === 'unclear') throw new Unusable(home.because);
  return home.site;
}

/** Where the role came from, which must be where the strategy has it. */
export function homeIn(
  { writer, previous }: Pick<Situation, 'writer' | 'previous'>,
  primary: SiteName,
): { kind: 'site'; site: SiteName } | { kind: 'unclear'; because: string } {
  const unclear = (because: string) => ({ kind: 'unclear' as const, because });
  if (writer === primary)
    return unclear(
      `${writer} is the writer, and the strategy's primary: it is at home. For another move name a site with --to`,
    );
  if (!previous || previous.writer === writer)
    return unclear(`the register knows of no writer before ${writer}: name with --to the site that came back`);
  if (previous.writer === primary) return { kind: 'site', site: primary };
  return unclear(
    `before ${writer} the writer was ${previous.writer}, and the strategy's primary is ${primary}: say which is meant, --to ${previous.writer} or --to ${primary}`,
  );
}

/** Null when every look of a whole window found all well; else why it was given up, and nothing was moved. */
async function watchStability(
  terminal: Terminal,
  estate: Estate,
  flags: SwitchBackFlags,
  { to, windowSeconds }: Goal,
): Promise<Answer | null> {
  const { clock, stop, io } = terminal;
  const say = (sentence: string) => (flags.json ? undefined : io.err(sentence));
  const read = await estate.register.read();
  // Nothing is to be waited for: the switchover says it.
  if (read.kind === 'value' && read.value.writer === to) return null;
  const from = clock.elapsedSeconds();
  let wellSince: number | null = null;
  let broken: Check[] = [];
  let told = '';
  for (;;) {
    broken = await brokenAt(terminal, estate, to);
    const now = clock.elapsedSeconds();
    wellSince = broken.length > 0 ? null : (wellSince ?? now);
    if (wellSince !== null && now - wellSince >= windowSeconds) return null;
    const text = wellSince === null ? `not well: ${broken.map(foundText).join('; ')}` : `${to} is well`;
    if (text !== told) say(`${text}; it must be well for ${durationText(windowSeconds)} without a break`);
    told = text;
    if (stop.aborted || now - from >= windowSeconds * WINDOWS) break;
  }
  const because = `${to} was not well for ${durationText(windowSeconds)} without a break: ${broken.map(foundText).join('; ') || 'the watch was ended'}`;
  const text = `${colorsOf(io).yellow('refused')}: ${because}. Nothing was moved`;
  return { text, data: { outcome: 'refused', because, checks: broken }, code: FINDING };
}

/** A register that cannot be read is no good moment either. Each look takes a little more than a beat. */
async function brokenAt(terminal: Terminal, estate: Estate, to: string): Promise<Check[]> {
  const look = await lookAround(terminal, estate, false);
  const { register } = look;
  if (register.kind === 'value') return (await checksOf(estate, look, register.value, to)).filter(({ ok }) => !ok);
  const found = register.kind === 'unknown' ? register.because : 'it was never written';
  return [{ about: 'the register', ok: false, found, wayOut: 'see `causeway status`' }];
}

function foundText({ about, found }: Check): string {
  return `${about}: ${found}`;
}
