// `causeway failback switch-back`: watches that the site which came back is well without a break, and then hands it the writer's role.
import type { Check } from '../../shared/decision/switchover-checks.ts';
import { durationText, secondsOf } from '../../shared/strategy/duration.ts';
import { type Answer, type CommonFlags, colorsOf, FINDING } from './command.ts';
import { Unusable } from './failure.ts';
import { lookAround } from './look.ts';
import { openEstate } from './open.ts';
import { checksOf, switchover } from './switchover.ts';
import type { Terminal } from './terminal.ts';

export type SwitchBackFlags = CommonFlags & {
  to: string;
  stableFor: string;
  deadline: string;
  yes?: true;
  reason?: string;
  by?: string;
};

/** Beyond so many windows it is not waited any more: a site that is not well for that long is not ready to be the writer. */
const WINDOWS = 6;

/** Without --yes the dry run of the switchover, and no watching. Throws `Unusable`. */
export async function switchBack(terminal: Terminal, flags: SwitchBackFlags): Promise<Answer> {
  const windowSeconds = secondsOf(flags.stableFor);
  if (windowSeconds === null) throw new Unusable('--stable-for is a duration, such as 10m');
  if (!flags.yes) {
    const foretold = await switchover(terminal, flags);
    const text = `${foretold.text}\nwith --yes it is first watched that ${flags.to} is well for ${durationText(windowSeconds)} without a break`;
    return { ...foretold, text };
  }
  if (!flags.reason?.trim()) throw new Unusable('--yes needs --reason "...": why the writer is moved back');
  const unstable = await watchStability(terminal, flags, windowSeconds);
  return unstable ?? switchover(terminal, flags);
}

/** Null when every look of a whole window found all well; else why it was given up, and nothing was moved. */
async function watchStability(
  terminal: Terminal,
  flags: SwitchBackFlags,
  windowSeconds: number,
): Promise<Answer | null> {
  const { clock, stop, io } = terminal;
  const estate = openEstate(terminal, flags);
  const say = (sentence: string) => (flags.json ? undefined : io.err(sentence));
  const read = await estate.register.read();
  // Nothing is to be waited for: the switchover says it.
  if (read.kind === 'value' && read.value.writer === flags.to) return null;
  const from = clock.elapsedSeconds();
  let wellSince: number | null = null;
  let broken: Check[] = [];
  let told = '';
  for (;;) {
    broken = await brokenAt(terminal, estate, flags.to);
    const now = clock.elapsedSeconds();
    wellSince = broken.length > 0 ? null : (wellSince ?? now);
    if (wellSince !== null && now - wellSince >= windowSeconds) return null;
    const text = wellSince === null ? `not well: ${broken.map(foundText).join('; ')}` : `${flags.to} is well`;
    if (text !== told) say(`${text}; it must be well for ${durationText(windowSeconds)} without a break`);
    told = text;
    if (stop.aborted || now - from >= windowSeconds * WINDOWS) break;
  }
  const because = `${flags.to} was not well for ${durationText(windowSeconds)} without a break: ${broken.map(foundText).join('; ') || 'the watch was ended'}`;
  const text = `${colorsOf(io).yellow('refused')}: ${because}. Nothing was moved`;
  return { text, data: { outcome: 'refused', because, checks: broken }, code: FINDING };
}

/** A register that cannot be read is no good moment either. Each look takes a little more than a beat. */
async function brokenAt(terminal: Terminal, estate: ReturnType<typeof openEstate>, to: string): Promise<Check[]> {
  const look = await lookAround(terminal, estate, false);
  const { register } = look;
  if (register.kind === 'value') return (await checksOf(estate, look, register.value, to)).filter(({ ok }) => !ok);
  const found = register.kind === 'unknown' ? register.because : 'it was never written';
  return [{ about: 'the register', ok: false, found, wayOut: 'see `causeway status`' }];
}

function foundText({ about, found }: Check): string {
  return `${about}: ${found}`;
}
