// Answering a question from a zone, whatever the provider: CNAME chains, NODATA and NXDOMAIN.
import type { Place } from './place.ts';

export type ZoneAnswer = { name: string; type: string; ttlSeconds: number; data: string };

export type Resolution = { code: 'NOERROR' | 'NXDOMAIN' | 'REFUSED'; answers: ZoneAnswer[] };

/** Who asks, and what decides where a policy leaves a choice. */
export type Asker = { place: Place; fraction: () => number };

/** What a provider's rules choose for one name and type. */
export type Choice = { ttlSeconds: number; values: string[] };

/** A provider's rules over one zone. */
export type ZoneRules = {
  apex: string;
  /** True when the name or one below it has records of any type: the difference between NODATA and NXDOMAIN. */
  holds(name: string): boolean;
  /** Null: nothing of that type there, or nothing for this client. */
  choose(name: string, type: string, asker: Asker): Choice | null;
};

/** Chains that are longer end where they are. */
const LONGEST_CHAIN = 10;

export function resolve(rules: ZoneRules, name: string, type: string, asker: Asker): Resolution {
  const answers: ZoneAnswer[] = [];
  let asked = name;
  for (let link = 0; link < LONGEST_CHAIN; link += 1) {
    if (!isWithin(asked, rules.apex)) return { code: link === 0 ? 'REFUSED' : 'NOERROR', answers };
    const direct = rules.choose(asked, type, asker);
    if (direct) {
      answers.push(...direct.values.map((data) => ({ name: asked, type, ttlSeconds: direct.ttlSeconds, data })));
      return { code: 'NOERROR', answers };
    }
    const alias = type === 'CNAME' ? null : rules.choose(asked, 'CNAME', asker);
    const target = alias?.values[0];
    if (!alias || target === undefined) return { code: rules.holds(asked) ? 'NOERROR' : 'NXDOMAIN', answers };
    answers.push({ name: asked, type: 'CNAME', ttlSeconds: alias.ttlSeconds, data: bare(target) });
    asked = bare(target);
  }
  return { code: 'NOERROR', answers };
}

export function isWithin(name: string, apex: string): boolean {
  return name === apex || name.endsWith(`.${apex}`);
}

/** A member by weight: `fraction` in [0, 1) falls into one share. Null when no weight is above 0. */
export function byWeight<T extends { weight: number }>(members: readonly T[], fraction: number): T | null {
  const total = members.reduce((sum, member) => sum + member.weight, 0);
  let left = fraction * total;
  for (const member of members) {
    if (member.weight === 0) continue;
    left -= member.weight;
    if (left < 0) return member;
  }
  return null;
}

function bare(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}
