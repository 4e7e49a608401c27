// Both sides of a coming back, opened for a command: who is who by the register, and a session to each database.
import { type Command, Option } from 'commander';
import { connectionString } from '../../shared/database/connection-string.ts';
import type { Return } from '../../shared/database/failback/precondition.ts';
import { readSide } from '../../shared/database/failback/sides.ts';
import { createPgConnect, type PgConnect, type Session, withSession } from '../../shared/database/session.ts';
import { databaseTarget, replicationNames } from '../../shared/engine/surround.ts';
import type { Situation } from '../../shared/model/situation.ts';
import { type Site, type Strategy, siteOf } from '../../shared/model/strategy.ts';
import { type CommonFlags, withStrategy } from './command.ts';
import { Unusable } from './failure.ts';
import type { Estate } from './open.ts';
import type { Terminal } from './terminal.ts';

export type SidesFlags = CommonFlags & { old?: string; oldUrl?: string; newUrl?: string };

export type Sides = {
  estate: Estate;
  situation: Situation;
  found: Return;
  /** Read anew, after something was changed. */
  look: () => Promise<Return>;
  old: Session;
  new: Session;
};

// Decoding a slot, emptying a table and validating a key may take as long as there is data.
const LONG = { statementSeconds: 3600 };

export function withSidesOptions(command: Command): Command {
  return withStrategy(command)
    .option('--old <site>', 'the site that comes back (default: the other one with a database)')
    .addOption(
      new Option(
        '--old-url <url>',
        "its database as you reach it, as the keeper's role (default: the strategy, with the password from the site's secret store)",
      ),
    )
    .option('--new-url <url>', "the new writer's database, likewise");
}

/** Opens both, and closes them whatever happens. Throws `Unusable` when the register does not say who is who. */
export async function withSides<T>(
  terminal: Terminal,
  flags: SidesFlags,
  work: (sides: Sides) => Promise<T>,
): Promise<T> {
  const { openEstate } = await import('./open.ts');
  const estate = openEstate(terminal, flags);
  const situation = await situationOf(estate);
  const newSite = siteOf(estate.strategy, situation.writer);
  const oldSite = oldSiteOf(estate.strategy, situation, flags.old);
  const connectOld = await connectTo(estate, oldSite, flags.oldUrl ?? null, '--old-url');
  const connectNew = await connectTo(estate, newSite, flags.newUrl ?? null, '--new-url');
  return withSession(connectOld, 'carry that out', LONG, (old) =>
    withSession(connectNew, 'carry that out', LONG, async (fresh) => {
      const look = async (): Promise<Return> => ({
        oldSite: oldSite.name,
        newSite: newSite.name,
        epoch: situation.epoch,
        run: situation.run?.id ?? null,
        old: await readSide(old, replicationNames.subscription),
        new: await readSide(fresh, replicationNames.subscription),
      });
      return work({ estate, situation, found: await look(), look, old, new: fresh });
    }),
  );
}

async function situationOf({ register }: Estate): Promise<Situation> {
  const read = await register.read();
  if (read.kind === 'value') return read.value;
  if (read.kind === 'empty') throw new Unusable('the register was never written: `causeway init --writer <site>`');
  throw new Unusable(`the register could not be read, and without it nobody knows who the writer is: ${read.because}`);
}

function oldSiteOf(strategy: Strategy, { writer }: Situation, named: string | undefined): Site {
  const others = strategy.sites.filter(({ name, database }) => name !== writer && database !== null);
  const names = others.map(({ name }) => name).join(' or ');
  if (named === writer) throw new Unusable(`${named} is the writer: what comes back is ${names}`);
  const [only, another] = named ? others.filter(({ name }) => name === named) : others;
  if (only && !another) return only;
  throw new Unusable(
    named
      ? `no site "${named}" with a database: name ${names}`
      : `several sites could come back: say which, --old ${names}`,
  );
}

async function connectTo(estate: Estate, site: Site, url: string | null, option: string): Promise<PgConnect> {
  const applicationName = 'causeway failback';
  if (url !== null) {
    if (!URL.canParse(url)) throw new Unusable(`${option} is no URL: write postgres://role@host:port/database`);
    return createPgConnect({ config: { connectionString: url }, connectSeconds: 10, applicationName });
  }
  if (!site.database) throw new Unusable(`the strategy gives ${site.name} no database`);
  const config = databaseTarget(estate.config, site.database, await estate.secretsOf(site));
  return createPgConnect({ config, connectSeconds: 10, applicationName });
}

/** libpq's connection string by which the old writer's server reaches the new one: of the strategy, or of what the operator says. */
export async function connectionFromOld(
  { strategy, config, secretsOf }: Estate,
  { oldSite, newSite }: Return,
  url: string | null,
): Promise<string> {
  const sslMode = config.databaseTls === 'verify' ? 'require' : 'prefer';
  if (url !== null) {
    if (!URL.canParse(url))
      throw new Unusable('--new-url-from-old is no URL: write postgres://role@host:port/database');
    const { hostname, port, username, password, pathname } = new URL(url);
    return connectionString({
      host: hostname,
      port: Number(port || 5432),
      name: decodeURIComponent(pathname.slice(1)),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      sslMode,
    });
  }
  const [here, there] = [siteOf(strategy, oldSite), siteOf(strategy, newSite)];
  if (!here.database || !there.database) throw new Unusable(`the strategy gives ${oldSite} or ${newSite} no database`);
  const secrets = await secretsOf(here);
  return connectionString({
    ...there.database,
    password: await secrets.read(here.database.peerPasswordSecret),
    sslMode,
  });
}
