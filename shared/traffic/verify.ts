// verifyTraffic: what the authoritative servers answer now, and which answers still lead away.
import type { Resolver } from '../ports/traffic.ts';
import type { DesiredTraffic } from './desired.ts';
import { pairName } from './names.ts';

type Finding = {
  server: string;
  name: string;
  /** `leads-away`: to a site that traffic must leave, or to no declared site. `silent`: could not be asked. */
  verdict: 'leads-home' | 'leads-away' | 'empty' | 'silent';
  because: string;
};

export type Verification = {
  /** `unknown` when some name was answered by no server at all. */
  verdict: 'moved' | 'not-moved' | 'unknown';
  because: string;
  findings: Finding[];
};

/**
 * Asks every server for the published name, the writer name and every failover pair. All ways of the tree end in a pair, so
 * the pairs speak for every location and share, which one client's place could not. Never throws for what a
 * server did or did not say.
 */
export async function verifyTraffic(
  resolver: Resolver,
  servers: readonly string[],
  traffic: DesiredTraffic,
): Promise<Verification> {
  const names = [
    traffic.name,
    traffic.writerName,
    ...traffic.pairs.map((pair) => pairName(traffic.name, pair.preferred)),
  ];
  const questions = servers.flatMap((server) => names.map((name) => ({ server, name })));
  const findings = await Promise.all(questions.map(({ server, name }) => ask(resolver, server, name, traffic)));
  return { ...sum(names, findings), findings };
}

async function ask(resolver: Resolver, server: string, name: string, traffic: DesiredTraffic): Promise<Finding> {
  try {
    const answers = await resolver.ask(server, name, 'A');
    const addresses = answers.filter((answer) => answer.type === 'A').map((answer) => answer.data);
    return { server, name, ...judge(addresses, name, traffic) };
  } catch (error) {
    return { server, name, verdict: 'silent', because: error instanceof Error ? error.message : String(error) };
  }
}

function judge(addresses: string[], name: string, traffic: DesiredTraffic): Pick<Finding, 'verdict' | 'because'> {
  if (addresses.length === 0) return { verdict: 'empty', because: 'the answer is empty' };
  const allowed = sitesAllowed(name, traffic);
  const astray = addresses.find((address) => !allowed.some((site) => traffic.addresses[site]?.includes(address)));
  if (astray === undefined) return { verdict: 'leads-home', because: `answers ${addresses.join(', ')}` };
  const site = Object.entries(traffic.addresses).find(([, own]) => own.includes(astray))?.[0] ?? 'no declared site';
  return { verdict: 'leads-away', because: `answers ${astray} (${site}), and only ${allowed.join(', ')} may be` };
}

function sitesAllowed(name: string, traffic: DesiredTraffic): string[] {
  if (name === traffic.writerName) return [traffic.writer];
  return Object.keys(traffic.addresses).filter((site) => !traffic.away.includes(site));
}

function sum(names: string[], findings: Finding[]): Pick<Verification, 'verdict' | 'because'> {
  const wrong = findings.find((finding) => finding.verdict === 'leads-away' || finding.verdict === 'empty');
  if (wrong) return { verdict: 'not-moved', because: `${wrong.name} at ${wrong.server} ${wrong.because}` };
  const unheard = names.find(
    (name) => !findings.some((finding) => finding.name === name && finding.verdict === 'leads-home'),
  );
  if (unheard !== undefined) {
    const silent = findings.find((finding) => finding.name === unheard);
    return {
      verdict: 'unknown',
      because: `nobody answered for ${unheard}: ${silent?.because ?? 'no server is known'}`,
    };
  }
  return { verdict: 'moved', because: `all ${findings.length} answers lead where they should` };
}
