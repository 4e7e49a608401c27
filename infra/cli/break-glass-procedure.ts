// The offline procedure, written out for this estate: what a person checks, runs and undoes when the register is lost.
import type { SiteName } from '../../shared/model/site.ts';
import { type Site, type Strategy, siteOf } from '../../shared/model/strategy.ts';

export type Procedure = { site: SiteName; steps: { title: string; lines: string[] }[] };

/** For opening `name`'s database by hand. Needs no cloud and no register: it is read when neither answers. */
export function procedureFor(strategy: Strategy, name: SiteName): Procedure {
  const { database } = siteOf(strategy, name);
  const others = strategy.sites.filter((site) => site.name !== name && site.database !== null);
  const { ttlSeconds, marginSeconds } = strategy.authority;
  return {
    site: name,
    steps: [
      {
        title: 'Is this the case?',
        lines: [
          `The application's writes are refused at ${name} (SQLSTATE 25006, "causeway: ... refused").`,
          '`causeway status` says that the register could not be read: two of its three stores do not answer, or no keeper can reach them.',
          'If the register answers, stop here: use `causeway override` or let a run do it. What is opened by hand, no other site knows.',
        ],
      },
      {
        title: 'Prove that no other site can accept a write. Each of these, with your own eyes:',
        lines: others.flatMap((site) => proofFor(site, ttlSeconds + marginSeconds)),
      },
      {
        title: `Learn the epoch that ${name} is at`,
        lines: [
          `psql "${urlOf(strategy, name)}" -c "select causeway.state()"`,
          `If ${name} was the writer when it stopped: open its own epoch again. Its keeper goes on by itself when the register is back.`,
          `If ${name} was the standby: open the writer's last epoch plus one, disable the keepers of all sites first, and see "How to go back".`,
        ],
      },
      {
        title: 'Open it, for a bounded time',
        lines: [
          `causeway break-glass open --database-url ${urlOf(strategy, name)} --epoch <epoch> --for 1h \\`,
          `  --reason "<who, what, why>" --i-have-checked --confirm ${name}`,
          'At a standby it first detaches the subscription and moves the sequences. Then, and psql can do this as well, one statement:',
          `  select causeway.break_glass(<epoch>, 3600, '<who, what, why>');`,
          'It is kept in causeway.audit of that database. Give it again before the hour is over when you need longer.',
        ],
      },
      {
        title: 'Lead the clients there',
        lines: [
          `${strategy.dns.writerName} and ${strategy.dns.name} must answer ${siteOf(strategy, name).addresses.join(', ')}; nothing moves them for you now.`,
        ],
      },
      { title: 'How to go back', lines: backLines(strategy, name) },
    ],
  };

  function proofFor(site: Site, waitSeconds: number): string[] {
    return [
      `${site.name}: either its instance is stopped, as its provider says:`,
      ...stopLines(site).map((line) => `  ${line}`),
      `${site.name}: or its guard is shut, and its keepers are disabled so that nobody renews it: ask twice, ${waitSeconds} s apart:`,
      `  psql "${urlOf(strategy, site.name)}" -c "select causeway.state()"    must say "open": false`,
      `${site.name}: "it does not answer me" proves nothing. Unreachable is not dead.`,
    ];
  }

  function backLines(all: Strategy, site: SiteName): string[] {
    return [
      `The same epoch, at the old writer: start the keepers. The renewals go on, and the lease is ${ttlSeconds} s again at the first beat.`,
      `A later epoch, at the standby: keep every keeper disabled and the old writer stopped, or ${site}'s keeper will fence what you opened.`,
      `  Keep a copy of register/situation.json of ${all.authority.stores.map((one) => `${one.name} (${one.bucket})`).join(', ')}, and remove it from each.`,
      `  causeway init --writer ${site} --epoch <above every epoch that was open anywhere> --yes --reason "..."`,
      `  Start the keeper of ${site}, see \`causeway status\`, then bring the old writer back as a standby with its guard shut.`,
      `To shut it by hand before its time: causeway break-glass close --database-url ${urlOf(all, site)} --reason "..." --confirm ${site}`,
    ];
  }

  function urlOf(all: Strategy, site: SiteName): string {
    const target = siteOf(all, site).database ?? database;
    return target
      ? `postgres://${target.user}@${target.host}:${target.port}/${target.name}`
      : 'postgres://<keeper>@<host>/<database>';
  }
}

/** What to type to stop an instance, and what its provider must answer. */
function stopLines({ provider, region, database }: Site): string[] {
  if (!database) return [];
  if (provider === 'aws') {
    const instance = `--db-instance-identifier ${database.instance} --region ${region}`;
    return [
      `aws rds stop-db-instance ${instance}`,
      `aws rds describe-db-instances ${instance} --query 'DBInstances[0].DBInstanceStatus'    must say "stopped"`,
    ];
  }
  const [project, instance] = database.instance.split('/');
  return [
    `gcloud sql instances patch ${instance} --project ${project} --activation-policy NEVER`,
    `gcloud sql instances describe ${instance} --project ${project} --format 'value(settings.activationPolicy)'    must say NEVER, and`,
    `gcloud sql operations list --instance ${instance} --project ${project} --filter 'status!=DONE'    must list nothing`,
  ];
}
