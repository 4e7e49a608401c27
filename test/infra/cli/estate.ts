// An estate for the commands: the example strategy on local stores, a terminal that remembers, and lookouts that speak when told to.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lookoutStores, openEstate } from '../../../infra/cli/open.ts';
import { runCommandLine } from '../../../infra/cli/program.ts';
import type { Terminal } from '../../../infra/cli/terminal.ts';
import { startGcsStandin } from '../../../infra/local/standins/gcs.ts';
import type { Faults, HttpServer } from '../../../infra/local/standins/http.ts';
import { startS3Standin } from '../../../infra/local/standins/s3.ts';
import type { Register } from '../../../shared/authority/register.ts';
import { next, onExisting, renewLease, to } from '../../../shared/authority/situation-changes.ts';
import { compileRun } from '../../../shared/decision/compile-run.ts';
import { createBulletinBoard } from '../../../shared/engine/bulletin-board.ts';
import { createReadinessBoard } from '../../../shared/engine/readiness/readiness-board.ts';
import { systemChance, systemClock } from '../../../shared/engine/system.ts';
import type { Bulletin, DatabaseView, SiteView } from '../../../shared/model/bulletin.ts';
import type { DatabaseFacts } from '../../../shared/model/readiness.ts';
import type { Run, Step } from '../../../shared/model/run.ts';
import type { Heartbeat, Situation } from '../../../shared/model/situation.ts';
import type { Clock } from '../../../shared/ports/clock.ts';
import { type Edit, overrideStrategy } from '../../../shared/strategy/override.ts';
import { aReport, standbyFacts, writerFacts } from '../../support/readiness.ts';

const example = readFileSync(fileURLToPath(new URL('../../../infra/local/strategy.yaml', import.meta.url)), 'utf8');

export type Said = { out: string; err: string; code: number | undefined };
export type Running = { said: Said; ended: Promise<Said>; stop: () => void };

export type TestEstate = {
  /** Runs one command line to its end. */
  causeway(...args: string[]): Promise<Said>;
  /** Runs one that goes on until `stop`. */
  begin(...args: string[]): Running;
  terminal(): Terminal;
  /** Every store's faults, by the store's name in the strategy; null: none. */
  faults: Record<'s3-us-east-1' | 'gcs-us-central1' | 'witness', ReturnType<Faults>>;
  /** Called when a command waits for a beat: what happens meanwhile. */
  meanwhile: (() => Promise<void>) | null;
  /** What the person at the terminal answers; null: nobody is there. */
  answer: string | null;
  close(): Promise<void>;
};

/** Starts the three stores. `edits` change the strategy; commands find it at ./strategy.yaml. `now`: what its clock says, and goes on saying. */
export async function startEstate(
  edits: Edit[] = [],
  { color = false, env = {}, now }: { color?: boolean; env?: Record<string, string>; now?: string } = {},
): Promise<TestEstate> {
  process.env.AWS_ACCESS_KEY_ID ??= 'AKIDEXAMPLE';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'secret';
  const faults: TestEstate['faults'] = { 's3-us-east-1': null, 'gcs-us-central1': null, witness: null };
  const where = { host: '127.0.0.1', port: 0 };
  const s3 = (name: 's3-us-east-1' | 'witness', buckets: string[]) =>
    startS3Standin({ ...where, buckets: buckets.map((bucket) => ({ name: bucket })), faults: () => faults[name] });
  const aws = await s3('s3-us-east-1', ['gopro-register-aws', 'gopro-beacon-aws', 'gopro-assets', 'gopro-cost']);
  const witness = await s3('witness', ['gopro-register-witness']);
  const gcs = await startGcsStandin({
    ...where,
    buckets: ['gopro-register-gcp', 'gopro-beacon-gcp', 'gopro-assets-gcp', 'gopro-cost-gcp'].map((name) => ({ name })),
    faults: () => faults['gcs-us-central1'],
  });
  const servers: HttpServer[] = [aws, witness, gcs];
  const strategy = overrideStrategy(example, [
    { path: ['authority', 'stores', 'witness', 'endpoint'], value: witness.url },
    ...edits,
  ]);

  const estate: TestEstate = {
    faults,
    meanwhile: null,
    answer: null,
    terminal: () => terminalOf({ out: '', err: '', code: undefined }, new AbortController().signal),
    causeway: (...args) => begin(args).ended,
    begin: (...args) => begin(args),
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };

  function begin(args: string[]): Running {
    const said: Said = { out: '', err: '', code: undefined };
    const ended = new AbortController();
    const running = runCommandLine(args, terminalOf(said, ended.signal)).then(() => said);
    return { said, ended: running, stop: () => ended.abort() };
  }

  function terminalOf(said: Said, stop: AbortSignal): Terminal {
    return {
      io: {
        out: (text) => {
          said.out += `${text}\n`;
        },
        err: (text) => {
          said.err += `${text}\n`;
        },
        exit: (code) => {
          said.code = code;
        },
        color,
        readFile: (path) => {
          if (path === '/estate/strategy.yaml') return strategy;
          throw new Error(`ENOENT: no such file or directory, open '${path}'`);
        },
        cwd: '/estate',
      },
      env: {
        CAUSEWAY_ENDPOINT_S3: aws.url,
        CAUSEWAY_ENDPOINT_STORAGE: gcs.url,
        CAUSEWAY_GOOGLE_ACCESS_TOKEN: 'local',
        GOOGLE_CLOUD_PROJECT: 'gopro-prod',
        ...env,
      },
      clock: now === undefined ? clockOf(estate) : { ...clockOf(estate), now: () => new Date(now) },
      chance: systemChance,
      user: 'ada@desk',
      stop,
      person: estate.answer === null ? null : { ask: async () => estate.answer ?? '', redraw: () => undefined },
    };
  }
  return estate;
}

/** The real one, but that a wait for a beat is over as soon as what the test does meanwhile is done. */
function clockOf(estate: TestEstate): Clock {
  return {
    ...systemClock,
    async sleep(seconds, signal) {
      if (estate.meanwhile === null || seconds <= 3) return systemClock.sleep(seconds, signal);
      await estate.meanwhile();
    },
  };
}

/** The register, as a keeper would hold it. */
export function registerOf(estate: TestEstate): Register<Situation> {
  return openEstate(estate.terminal(), {}).register;
}

/** A renewal of aws's lease at epoch 1, with a heartbeat of that number that was written just now. */
export async function renew(estate: TestEstate, number: number): Promise<void> {
  const heartbeat = { epoch: 1, number, writtenAt: new Date().toISOString(), lsn: '0/16B3748' };
  const result = await registerOf(estate).change(`renewal-${number}`, renewLease('aws', 1, heartbeat));
  if (result.kind !== 'committed') throw new Error(result.because);
}

/** Puts an open run into the situation, its steps as they are given. */
export async function withRun(estate: TestEstate, steps: Record<string, Partial<Step>> = {}): Promise<Run> {
  const register = registerOf(estate);
  const read = await register.read();
  const [scenario] = openEstate(estate.terminal(), {}).strategy.scenarios;
  if (read.kind !== 'value' || !scenario) throw new Error('there is no situation, or no scenario');
  const compiled = compileRun(read.value, {
    id: 'aws_region_lost-e1-test',
    scenario,
    target: 'gcp',
    because: 'aws is down',
    evidence: [],
    by: 'gcp keeper',
    at: new Date().toISOString(),
  });
  const run = { ...compiled, steps: compiled.steps.map((step) => ({ ...step, ...steps[step.id] })) };
  await register.change(
    'open',
    onExisting((current) => to({ ...next(current), run })),
  );
  return run;
}

/** All three lookouts see both sites healthy, gcp's database is at heartbeat `applied`, and both are ready. */
export function allWell(applied: Heartbeat): Words {
  const sites = { aws: healthy, gcp: healthy };
  return {
    aws: {
      sites,
      database: { site: 'aws', applied: null, lagSeconds: 0, ready: true, because: 'it is the writer' },
      readiness: writerFacts(),
    },
    gcp: {
      sites,
      database: { site: 'gcp', applied, lagSeconds: 0.4, ready: true, because: '0.4 s behind' },
      readiness: standbyFacts(),
    },
    watchtower: { sites },
  };
}

/** Initialised, renewed once, and from then on a lookout's words and a renewal for each wait. */
export async function startLivingEstate(
  words: () => Words,
  edits: Edit[] = [],
  options: { env?: Record<string, string> } = {},
): Promise<TestEstate> {
  const estate = await startEstate(edits, options);
  await estate.causeway('init', '--writer', 'aws', '--yes');
  let number = 1;
  await renew(estate, number);
  await speak(estate, words());
  estate.meanwhile = async () => {
    number += 1;
    await renew(estate, number);
    await speak(estate, words());
  };
  return estate;
}

export const healthy: SiteView = { health: 'healthy', forSeconds: 600, because: 'answered 200 in 0.02 s' };
export const unhealthy: SiteView = { health: 'unhealthy', forSeconds: 30, because: 'connection refused' };

/** What each lookout says; one that is left out stays silent. */
export type Words = Record<
  string,
  { sites: Record<string, SiteView>; database?: DatabaseView; readiness?: DatabaseFacts }
>;

let beat = 0;

/** Every lookout puts up its next bulletin. */
export async function speak(estate: TestEstate, words: Words): Promise<void> {
  const terminal = estate.terminal();
  const opened = openEstate(terminal, {});
  const all = lookoutStores(opened);
  beat += 1;
  for (const { name, store } of all) {
    const word = words[name];
    if (!word) continue;
    const bulletin: Bulletin = {
      schema: 1,
      lookout: name,
      ground: name === 'aws' || name === 'gcp' ? name : 'elsewhere',
      incarnation: 'test',
      beat,
      writtenAt: new Date().toISOString(),
      sites: word.sites,
      database: word.database ?? null,
    };
    await createBulletinBoard({ own: store, all, clock: systemClock }).publish(bulletin);
    if (word.readiness) await report(estate, name, word.readiness);
  }
}

/** What the keeper of a site says of its database, as it was looked at just now. */
export async function report(estate: TestEstate, site: string, facts: DatabaseFacts): Promise<void> {
  const all = lookoutStores(openEstate(estate.terminal(), {}));
  const own = all.find(({ name }) => name === site)?.store;
  if (!own) throw new Error(`no store beside ${site}`);
  await createReadinessBoard({ own, all: [], clock: systemClock }).publish(aReport(site, new Date(), facts));
}
