// The story of a drill: what the functions of both clouds say they did, gathered from their logs and told as timeline entries.
import * as z from 'zod';
import { JournalEvent } from '../../../shared/model/journal.ts';
import type { Run, Step } from '../../../shared/model/run.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import type { TimelineEntry } from '../report/report.ts';
import type { Region } from '../world/plan.ts';
import type { ReportLine } from '../world/report-line.ts';

export type Told = { lane: TimelineEntry['lane']; text: string; tone: TimelineEntry['tone'] };

/** What was heard and when, on the drill's own clock and as a date: an event of the journal, a message to people, a sentence of a log. */
export type Heard = { atSeconds: number; at: string; region: Region } & News;

type News =
  | { kind: 'event'; event: JournalEvent }
  | { kind: 'told'; where: string; text: string }
  | { kind: 'lost-event'; key: string; removal: boolean }
  | ({ kind: 'object' } & z.infer<typeof ObjectNote>)
  | { kind: 'said'; from: string; text: string };

export type Story = {
  /** Takes one line of a region; answers what is worth telling of it, once. */
  hear(region: Region, line: ReportLine): Told | null;
  heard(): readonly Heard[];
  /** Every run that was opened, in that order, each as it was last heard of. */
  runs(): Run[];
  /** Lines that say that something went wrong, for whoever must find out why a drill failed. */
  troubles(): readonly string[];
};

const LogLine = z.object({
  severity: z.string(),
  time: z.iso.datetime().optional(),
  message: z.string(),
  error: z.string().optional(),
  event: z.unknown().optional(),
  finding: z.unknown().optional(),
  object: z.unknown().optional(),
  beat: z.object({ kind: z.string(), because: z.string().optional() }).optional(),
});

/** One key that was replicated, or looked at in vain. */
const ObjectNote = z.object({ key: z.string(), tier: z.string(), did: z.string(), lagSeconds: z.number() });

/** What the incident tool has received; the rest of it is for whoever opens the incident. */
const Incident = z.object({ status: z.string(), severity: z.string(), summary: z.string() });

/** The longest text of somebody else's that still reads as one line of a story. */
const shortLength = 140;

/** The most troubles that are kept. */
const troublesKept = 500;

export function createStory(clock: Clock): Story {
  const runs = new Map<string, Run>();
  const heard: Heard[] = [];
  let lastSaid = '';
  const troubles: string[] = [];

  function keepTrouble(text: string): void {
    if (troubles.length < troublesKept) troubles.push(text);
  }

  /** A drill may be over before its run is: the report then shows how far each step came. */
  function noteStep(id: string, step: Step): void {
    const run = runs.get(id);
    if (run && run.outcome === null)
      runs.set(id, { ...run, steps: run.steps.map((one) => (one.id === step.id ? step : one)) });
  }

  function hearEvent(event: JournalEvent): Told | null {
    switch (event.kind) {
      case 'run-opened':
        runs.set(event.run.id, event.run);
        return { lane: 'authority', text: `run ${event.run.id} opened: ${event.run.because}`, tone: 'warning' };
      case 'run-ended':
        runs.set(event.run.id, event.run);
        return {
          lane: 'authority',
          text: `run ended: ${event.run.outcome}`,
          tone: event.run.outcome === 'done' ? 'good' : 'bad',
        };
      case 'authority-taken':
        return {
          lane: 'authority',
          text: `${event.writer} is the writer at epoch ${event.epoch}: ${event.because}`,
          tone: 'good',
        };
      case 'writer-fenced':
        return { lane: 'database', text: `${event.site} has fenced its database: ${event.because}`, tone: 'warning' };
      case 'step-changed':
        noteStep(event.run, event.step);
        return tellStep(event.step.written, event.step.status, event.step.by, event.step.detail ?? event.step.blocker);
      case 'decided':
        return event.rule === 'all-well' || event.rule === 'run-open'
          ? null
          : {
              lane: 'authority',
              text: `${event.rule}: ${event.because}`,
              tone: event.blockedBy ? 'neutral' : 'warning',
            };
      case 'signal-received':
        return {
          lane: groundOf(event.signal.vantage.ground),
          text: `signal: ${shortened(event.signal.because)}`,
          tone: 'warning',
        };
      case 'signal-rejected':
        return { lane: 'witness', text: `signal rejected: ${event.rejection.explanation}`, tone: 'neutral' };
      case 'trouble-met':
        keepTrouble(`${event.where}: ${event.message}`);
        return null;
      default:
        return null;
    }
  }

  /** `at`: when it was said, where that is known; on a busy machine it is heard later. */
  function note(region: Region, news: News, at?: string): void {
    const now = clock.now();
    const saidAt = at === undefined ? now : new Date(Math.min(now.getTime(), Date.parse(at)));
    const lateSeconds = (now.getTime() - saidAt.getTime()) / 1000;
    heard.push({ atSeconds: clock.elapsedSeconds() - lateSeconds, at: saidAt.toISOString(), region, ...news });
  }

  function hearLog(region: Region, from: string, text: string): Told | null {
    const line = LogLine.safeParse(parseJson(text));
    if (!line.success) {
      keepTrouble(`${from}: ${text}`);
      return null;
    }
    if (line.data.severity === 'ERROR' || line.data.severity === 'WARNING') {
      keepTrouble(
        `${from}: ${line.data.message} ${line.data.error ?? line.data.beat?.because ?? JSON.stringify(line.data.finding) ?? ''}`,
      );
    }
    const object = ObjectNote.safeParse(line.data.object);
    if (object.success) {
      note(region, { kind: 'object', ...object.data }, line.data.time);
      return null;
    }
    const event = JournalEvent.safeParse(line.data.event);
    if (!event.success) {
      note(region, { kind: 'said', from, text: line.data.message }, line.data.time);
      return null;
    }
    note(region, { kind: 'event', event: event.data }, line.data.time);
    return hearEvent(event.data);
  }

  function told(region: Region, line: ReportLine): Told | null {
    switch (line.kind) {
      case 'log':
        return hearLog(region, line.from, line.line);
      case 'told':
        note(region, { kind: 'told', where: line.where, text: line.text });
        return { lane: region, text: `${line.where}: ${headline(line.text)}`, tone: 'neutral' };
      case 'alarm':
        return { lane: region, text: `${line.from} raised or closed ${line.text}`, tone: 'warning' };
      case 'lost-event':
        note(region, line);
        return null;
      case 'trouble':
        keepTrouble(`${region}: ${line.because}`);
        return null;
      case 'ready':
      case 'failed':
      case 'obeyed':
        return null;
    }
  }

  return {
    hear(region, line) {
      const heard = told(region, line);
      // Two keepers that overlap see and say the same.
      if (!heard || heard.text === lastSaid) return null;
      lastSaid = heard.text;
      return heard;
    },
    heard: () => heard,
    runs: () => [...runs.values()],
    troubles: () => troubles,
  };
}

function tellStep(written: string, status: string, by: string | null, detail: string | null): Told {
  const lane = /dns/.test(written) ? 'dns' : /db/.test(written) ? 'database' : 'authority';
  const tone = status === 'done' ? 'good' : status === 'failed' || status === 'refused' ? 'bad' : 'neutral';
  return { lane, text: `${written}: ${status}${by ? ` by ${by}` : ''}${detail ? ` (${detail})` : ''}`, tone };
}

function groundOf(ground: string): TimelineEntry['lane'] {
  return ground === 'aws' || ground === 'gcp' ? ground : 'witness';
}

/** What a message says first: its first line without Slack's bold marks, or an incident's status, severity and summary. */
function headline(text: string): string {
  const incident = Incident.safeParse(parseJson(text));
  if (incident.success)
    return shortened(`${incident.data.status} [${incident.data.severity}] ${incident.data.summary}`);
  return shortened((text.split('\n')[0] ?? '').replace(/^\*(.*)\*$/, '$1'));
}

function shortened(text: string): string {
  return text.length <= shortLength ? text : `${text.slice(0, shortLength - 1).trimEnd()}…`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not every line that a runtime prints is ours; the caller keeps it as it is.
    return null;
  }
}
