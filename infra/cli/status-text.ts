// The status as a person reads it at night: what needs them first, then who writes, what is seen, what is decided and what is under way.
import type { Run, Step } from '../../shared/model/run.ts';
import type { Situation } from '../../shared/model/situation.ts';
import type { Strategy } from '../../shared/model/strategy.ts';
import { type Judgement, type Problem, risenSecondsAgo } from './judge.ts';
import type { Look, LookoutReading } from './look.ts';
import { readinessLines } from './readiness-text.ts';
import type { Colors } from './strategy-issues.ts';
import { agoText, columns, sharesText, spanText } from './text.ts';

export type Status = { strategy: Strategy; look: Look; judgement: Judgement; problems: Problem[] };

export function statusText(status: Status, colors: Colors): string {
  const situation = status.look.register.kind === 'value' ? status.look.register.value : null;
  return [
    headline(status, situation, colors),
    ...problemLines(status.problems, colors),
    ...(situation ? authorityLines(status, situation, colors) : []),
    ...section('Sites', siteLines(status, colors), colors),
    ...section('Seen by', evidenceLines(status, colors), colors),
    ...section('Databases', databaseLines(status, situation), colors),
    ...section('Readiness', readinessLines(status, colors), colors),
    ...section('Decision', decisionLines(status), colors),
    ...(situation ? section('Run', runLines(situation, status.look.at, colors), colors) : []),
    ...(situation ? section('Operators', operatorLines(situation, status.look.at), colors) : []),
    ...section('Register stores', storeLines(status, colors), colors),
  ].join('\n');
}

function headline({ strategy, look, problems }: Status, situation: Situation | null, colors: Colors): string {
  const mark = problems.length === 0 ? colors.green('●') : colors.red('●');
  const who = situation ? `${situation.writer} writes at epoch ${situation.epoch}` : 'nobody knows who writes';
  const stamp = look.at
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  return `${mark} ${colors.bold(`${strategy.application}: ${who}`)}  ${colors.dim(stamp)}`;
}

function problemLines(problems: Problem[], colors: Colors): string[] {
  if (problems.length === 0) return ['', colors.green('All is well: nothing blocks, nothing is down.')];
  const title = problems.length === 1 ? 'One thing needs you' : `${problems.length} things need you`;
  return [
    '',
    colors.red(colors.bold(title)),
    ...problems.flatMap(({ about, found, wayOut }) => [
      `  ${colors.red('!')} ${colors.bold(about)}: ${found}`,
      `    ${colors.dim(`> ${wayOut}`)}`,
    ]),
  ];
}

function section(title: string, lines: string[], colors: Colors): string[] {
  return ['', colors.bold(title), ...lines.map((line) => `  ${line}`)];
}

function authorityLines(status: Status, situation: Situation, colors: Colors): string[] {
  const { look, strategy } = status;
  const { writer, epoch, lease, heartbeat, previous, traffic } = situation;
  const watched = look.watchedSeconds > 0 ? ` in the ${look.watchedSeconds.toFixed(1)} s that we watched` : '';
  const rises =
    look.leaseRises === null
      ? 'read once, so not known whether it rises'
      : look.leaseRises
        ? `rises${watched}`
        : `stood still${watched}`;
  const renewal = lease.fenced
    ? `fenced by ${lease.fenced.by}, ${agoText(lease.fenced.at, look.at)}`
    : `renewal ${lease.renewal}, ${rises} (TTL ${strategy.authority.ttlSeconds} s)`;
  const rows = [
    ['writer', `${writer}, epoch ${epoch}`],
    ['lease', renewal],
    [
      'heartbeat',
      heartbeat
        ? `number ${heartbeat.number}, ${agoText(heartbeat.writtenAt, look.at)} by the database's clock, at ${heartbeat.lsn}`
        : 'none recorded in this epoch',
    ],
    ...(previous
      ? [
          [
            'before',
            `${previous.writer}, epoch ${previous.epoch}, ${previous.fenced ? 'fenced' : 'its lease stood still'}`,
          ],
        ]
      : []),
    ['traffic', sharesText(traffic)],
    ['guard', strategy.authority.guard === 'enforce' ? 'enforces' : 'only observes: nothing is refused'],
  ];
  return section('Authority', columns(rows), colors);
}

function siteLines({ judgement }: Status, colors: Colors): string[] {
  const paint = { up: colors.green, down: colors.red, suspected: colors.yellow, unknown: colors.yellow };
  const all = [...judgement.assessments.values()];
  const rows = columns(all.map(({ site, verdict, because }) => [site, verdict, because]));
  return rows.map((row, index) => {
    const verdict = all[index]?.verdict ?? 'unknown';
    return row.replace(` ${verdict} `, ` ${paint[verdict](verdict)} `);
  });
}

function evidenceLines({ look, judgement }: Status, colors: Colors): string[] {
  const lookouts = columns(look.lookouts.map((one) => lookoutRow(one, look, judgement.freshSeconds)));
  const boards = look.boards.flatMap(({ site, board, because }) => {
    if (!board) return [`alarm board of ${site}: ${colors.yellow(`could not be read: ${because}`)}`];
    return [
      ...board.health.map((one) => ({ one, says: `${one.site} ${one.health}` })),
      ...board.lag.map((one) => ({
        one,
        says: `${one.site} lags ${one.lagSeconds === null ? 'by an unknown time' : spanText(one.lagSeconds)}`,
      })),
    ].map(
      ({ one, says }) =>
        `alarm ${one.vantage.name} (${one.vantage.ground}), ${agoText(one.observedAt, look.at)}: ${says}, ${one.because}`,
    );
  });
  return [...lookouts, ...boards];
}

function lookoutRow(one: LookoutReading, look: Look, freshSeconds: number): string[] {
  if (one.kind === 'absent') return [one.lookout, '-', 'no bulletin', 'has never spoken'];
  if (one.kind === 'unknown') return [one.lookout, '-', 'unreadable', one.because];
  const { bulletin } = one;
  const seconds = risenSecondsAgo(one, look);
  const fresh = seconds !== null && seconds <= freshSeconds;
  const says = Object.entries(bulletin.sites).map(
    ([site, view]) =>
      `${site} ${view.health} for ${spanText(view.forSeconds)}${view.health === 'healthy' ? '' : ` (${view.because})`}`,
  );
  return [
    one.lookout,
    bulletin.ground,
    fresh ? `fresh, beat ${bulletin.beat}` : `silent, ${agoText(bulletin.writtenAt, look.at)}`,
    says.join('; '),
  ];
}

function databaseLines({ look, strategy, judgement }: Status, situation: Situation | null): string[] {
  const rows = strategy.sites
    .filter(({ database }) => database !== null)
    .map(({ name }) => {
      const view = judgement.standbys.find(({ site }) => site === name);
      const role = situation === null ? '-' : situation.writer === name ? 'writer' : 'standby';
      if (!view) return [name, role, 'unknown', `no fresh word of ${name}'s own keeper`];
      return [name, role, view.ready ? 'ready' : 'not ready', view.because];
    });
  const unread = look.lookouts.length === 0 ? ['no lookout is declared'] : [];
  return [...columns(rows), ...unread];
}

function decisionLines({ judgement: { decision } }: Status): string[] {
  if (!decision) return ['none can be made: the situation is not known'];
  const blocked = decision.blocked
    ? [`blocked by ${decision.blocked.by}; unblocked by ${decision.blocked.unblock}`]
    : [];
  const verdict = {
    hold: 'nothing to do',
    'carry-on': 'carry on',
    'give-way': 'a keeper would give the planned run up at its next beat',
    'open-run': 'a keeper would open a run at its next beat',
  }[decision.kind];
  return [`${decision.rule} (${decision.blocked ? 'held' : verdict}): ${decision.because}`, ...blocked];
}

function runLines({ run, lastRun }: Situation, now: Date, colors: Colors): string[] {
  const last = lastRun
    ? [`last: ${lastRun.id} to ${lastRun.target}, ${lastRun.outcome}, ${agoText(lastRun.endedAt, now)}`]
    : [];
  if (!run) return ['none is open', ...last];
  return [
    `${run.id} to ${run.target}, opened ${agoText(run.openedAt, now)} by ${run.openedBy}`,
    `because ${run.because}`,
    ...stepLines(run, colors),
    ...last,
  ];
}

function stepLines(run: Run, colors: Colors): string[] {
  const paint = {
    done: colors.green,
    failed: colors.red,
    refused: colors.red,
    blocked: colors.yellow,
    unknown: colors.yellow,
    claimed: colors.cyan,
    pending: colors.dim,
  };
  return columns(
    run.steps.map((step) => [
      step.written,
      step.status,
      step.attempts > 0 ? `${step.attempts}x` : '-',
      stepDetail(step),
    ]),
  ).map((row, index) => {
    const status = run.steps[index]?.status ?? 'pending';
    return `  ${row.replace(` ${status} `, ` ${paint[status](status)} `)}`;
  });
}

function stepDetail({ by, blocker, detail, status, after }: Step): string {
  const said = blocker ?? detail ?? (status === 'pending' && after.length > 0 ? `after ${after.join(', ')}` : '');
  return [by ? `by ${by}` : '', said].filter((part) => part !== '').join(': ');
}

function operatorLines({ paused, overrides, episodes }: Situation, now: Date): string[] {
  return [
    paused ? `paused by ${paused.by} ${agoText(paused.at, now)}: ${paused.reason}` : 'not paused',
    ...overrides.map(
      ({ what, by, at, reason }) => `override ${what} by ${by} ${agoText(at, now)}, not used yet: ${reason}`,
    ),
    ...episodes.map(
      ({ alert, since, told }) => `alert ${alert} since ${agoText(since, now)}${told ? ', told' : ', not told yet'}`,
    ),
  ];
}

function storeLines({ look }: Status, colors: Colors): string[] {
  const paint = { current: colors.green, behind: colors.yellow, empty: colors.yellow, unreachable: colors.red };
  return columns(
    look.stores.map(({ name, failureDomain, state, because }) => [name, failureDomain, state, because]),
  ).map((row, index) => {
    const state = look.stores[index]?.state ?? 'unreachable';
    return row.replace(` ${state} `, ` ${paint[state](state)} `);
  });
}
