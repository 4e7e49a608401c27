// Following a planned move to its end: a line for each step that changes, then what came of it and how long nobody could write.
import { readJournal } from '../../shared/engine/journal-read.ts';
import type { SwitchoverCommand } from '../../shared/engine/open-switchover.ts';
import type { Run, Step } from '../../shared/model/run.ts';
import type { Situation } from '../../shared/model/situation.ts';
import { type Answer, colorsOf, FINDING, GOOD, UNUSABLE } from './command.ts';
import { type Estate, journalStores } from './open.ts';
import type { Terminal } from './terminal.ts';

export type Followed =
  | { kind: 'ended'; outcome: string; situation: Situation; run: Run | null }
  /** The command went, and the run goes on. */
  | { kind: 'left'; because: string; run: Run | null };

const pollSeconds = 0.5;
/** Without an answer of the register for so long, nobody can say how the run goes. */
const silentSeconds = 60;
/** How long the old writer is waited for when it takes its role back. */
const returnsSeconds = 30;

/** Reads the register until the run has left it. Never throws for a register that does not answer. */
export async function followRun(terminal: Terminal, estate: Estate, id: string): Promise<Followed> {
  const { clock, stop } = terminal;
  const from = clock.elapsedSeconds();
  const say = (what: string) => terminal.io.err(`${(clock.elapsedSeconds() - from).toFixed(1).padStart(6)} s  ${what}`);
  let run: Run | null = null;
  let answeredSeconds = from;
  for (; !stop.aborted; await clock.sleep(pollSeconds, stop)) {
    const read = await estate.register.read();
    if (read.kind === 'value') {
      answeredSeconds = clock.elapsedSeconds();
      const situation = read.value;
      if (situation.run?.id === id) {
        for (const step of changed(run, situation.run)) say(lineOf(step));
        run = situation.run;
      } else return ended(terminal, estate, id, situation, run, say);
    } else if (clock.elapsedSeconds() - answeredSeconds > silentSeconds) {
      const because = read.kind === 'unknown' ? read.because : 'it was never written';
      return { kind: 'left', because: `the register has not answered for ${silentSeconds} s: ${because}`, run };
    }
  }
  return { kind: 'left', because: 'it was not waited for any longer', run };
}

function changed(before: Run | null, after: Run): Step[] {
  return after.steps.filter((step) => {
    const known = before?.steps.find(({ id }) => id === step.id);
    return step.status !== (known?.status ?? 'pending') || (step.blocker ?? '') !== (known?.blocker ?? '');
  });
}

function lineOf({ written, status, blocker, detail }: Step): string {
  const found = blocker ?? (status === 'claimed' ? null : detail);
  return `${written} ${status === 'claimed' ? 'is begun' : status}${found ? `: ${found}` : ''}`;
}

async function ended(
  terminal: Terminal,
  estate: Estate,
  id: string,
  situation: Situation,
  seen: Run | null,
  say: (what: string) => void,
): Promise<Followed> {
  const { lastRun } = situation;
  const run = (await runInJournal(estate, id, seen)) ?? seen;
  const outcome = run?.outcome ?? (lastRun?.id === id ? lastRun.outcome : null);
  if (outcome === null)
    return { kind: 'left', because: 'other runs have ended since, and the journal could not be read', run };
  if (run && seen) for (const step of changed(seen, run)) say(lineOf(step));
  const after = outcome === 'aborted' ? await untilBack(terminal, estate, situation, say) : situation;
  return { kind: 'ended', outcome, situation: after, run };
}

/** The run as it ended: the journal has it before it leaves the register. Null when no store could say. */
async function runInJournal(estate: Estate, id: string, seen: Run | null): Promise<Run | null> {
  const since = seen ? new Date(Date.parse(seen.openedAt) - 60_000) : null;
  for (const store of journalStores(estate)) {
    try {
      const { entries } = await readJournal(store, { appender: null, since, limit: 1000 });
      const runs = entries.flatMap(({ event }) =>
        event.kind === 'run-ended' && event.run.id === id ? [event.run] : [],
      );
      const last = runs.at(-1);
      if (last) return last;
    } catch {
      // The other cloud has a copy of its own; that neither answered is told by what is missing.
    }
  }
  return null;
}

/** The old writer's keeper takes the role back at its next beat. */
async function untilBack(
  { clock, stop }: Terminal,
  estate: Estate,
  situation: Situation,
  say: (what: string) => void,
): Promise<Situation> {
  const until = clock.elapsedSeconds() + returnsSeconds;
  let known = situation;
  if (known.lease.fenced) say(`given up; waiting until ${known.writer} has taken its role back ...`);
  while (known.lease.fenced && !stop.aborted && clock.elapsedSeconds() < until) {
    await clock.sleep(pollSeconds, stop);
    const read = await estate.register.read();
    if (read.kind === 'value') known = read.value;
  }
  return known;
}

/** What came of it, in words and in an exit code. */
export function moveAnswer(
  terminal: Terminal,
  given: SwitchoverCommand,
  before: Situation,
  followed: Followed,
): Answer {
  const colors = colorsOf(terminal.io);
  const { run } = followed;
  const pauseSeconds = run && pauseOf(run);
  const data = {
    to: given.to,
    from: run?.handOver?.from ?? before.writer,
    run: run?.id ?? null,
    pauseSeconds,
    steps: run?.steps ?? [],
  };
  if (followed.kind === 'left') {
    const because = `${followed.because}. The run goes on: \`causeway status\` shows it, and --id ${given.id} follows it again`;
    return {
      text: `${colors.yellow('not followed to its end')}: ${because}`,
      data: { outcome: 'unknown', because, ...data },
      code: UNUSABLE,
    };
  }
  const { outcome, situation } = followed;
  const { writer, epoch } = situation;
  const undone = (run?.steps ?? []).filter(({ status }) => status !== 'done');
  const says =
    outcome === 'done'
      ? `${writer} is the writer at epoch ${epoch}, and ${data.from} follows it`
      : outcome === 'aborted'
        ? `the move was given up: ${writer} is the writer at epoch ${epoch}${situation.lease.fenced ? ', and STILL FENCED: look at `causeway status`' : ' and open again'}`
        : `${writer} is the writer at epoch ${epoch}; the run ended as ${outcome}`;
  const word = outcome === 'done' ? colors.green('done') : colors.yellow(outcome);
  const pause =
    pauseSeconds === null
      ? []
      : [
          `Nobody could write for about ${pauseSeconds.toFixed(1)} s: from when the fence stood, by the clock of ${data.from}, to when the promotion was seen done, by the clock of ${given.to}.`,
        ];
  return {
    text: [`${word}: ${says}`, ...pause, ...undone.map((step) => `  ${lineOf(step)}`)].join('\n'),
    data: { outcome, writer, epoch, because: says, ...data },
    code: outcome === 'done' ? GOOD : FINDING,
  };
}

/** An estimate: two machines' clocks, and the end is when it was recorded. Null when nobody was kept from writing, or it has not ended. */
function pauseOf({ steps }: Run): number | null {
  const endOf = (kind: Step['action']['kind']) => steps.find(({ action }) => action.kind === kind)?.endedAt ?? null;
  const [fenced, opened] = [endOf('hand_over'), endOf('promote_db')];
  const isOpen = steps.some(({ action, status }) => action.kind === 'promote_db' && status === 'done');
  if (fenced === null || opened === null || !isOpen) return null;
  return Math.max(0, (Date.parse(opened) - Date.parse(fenced)) / 1000);
}
