// What has to be done with a key, from what both sides show of it: pure, and the same whichever side is named first.
import type { ObjectVersion, Origin } from '../model/replica.ts';
import type { SiteName } from '../model/site.ts';
import type { ObjectCondition } from '../ports/object-bucket.ts';
import { sameAttributes, uncarriable } from './attributes.ts';
import { endingOf, held, type LiveSide, type SideEvidence, sameBytes, type ToldDeath } from './evidence.ts';
import { later, sameOrigin } from './order.ts';
import { isOwnKey } from './own-keys.ts';
import { identify } from './stamp.ts';

export type KeyCase = {
  key: string;
  sides: readonly [SideEvidence, SideEvidence];
  told: readonly ToldDeath[];
  /** A side that was written to so slowly that the key may have come and been deleted there meanwhile. */
  doubted: SiteName | null;
  nowMillis: number;
  /** A version that young is taken for one that the other side cannot have deleted yet, unless something says so. Zero: none is. */
  freshSeconds: number;
};

export type Verdict = { because: string } & (
  | { kind: 'nothing' }
  /** More has to be known. */
  | { kind: 'ask'; what: 'tombstone' | 'history'; at: SiteName }
  /** `keepAside`: what is there now was written by a user, and the winner's writer had not seen it. */
  | { kind: 'copy'; from: SiteName; to: SiteName; condition: ObjectCondition; keepAside: boolean }
  /** The bytes are the same: only what lies beside them is written. */
  | { kind: 'restamp'; from: SiteName; to: SiteName; keepAside: boolean }
  | { kind: 'remove'; at: SiteName; death: Origin; keepAside: boolean }
  | { kind: 'refuse'; reason: 'origin-lost' | 'uncarriable' }
);

export function judge(it: KeyCase): Verdict {
  if (isOwnKey(it.key)) return { kind: 'nothing', because: 'what lies below .causeway/ is never replicated' };
  const [one, other] = it.sides;
  const [oneLive, otherLive] = [live(one), live(other)];
  if (oneLive && otherLive) return judgeBoth(it, oneLive, otherLive);
  if (oneLive) return judgeAlone(it, oneLive, other);
  if (otherLive) return judgeAlone(it, otherLive, one);
  return { kind: 'nothing', because: 'it is on neither side' };
}

function live(side: SideEvidence): LiveSide | null {
  if (side.look.kind === 'absent') return null;
  const { object } = side.look;
  return { ...side, object, identity: identify(object, side.site) };
}

function judgeBoth(it: KeyCase, one: LiveSide, other: LiveSide): Verdict {
  const same = sameAttributes(one.object.attributes, other.object.attributes, [
    one.traits.carries,
    other.traits.carries,
  ]);
  if (sameOrigin(one.identity.origin, other.identity.origin)) return judgeSameOrigin(it, one, other, same);
  if (same && sameBytes(one.object, other.object)) {
    return { kind: 'nothing', because: 'both sides have the same bytes and attributes, whoever wrote them' };
  }
  const [winner, loser] = later(one.identity, other.identity) === one.identity ? [one, other] : [other, one];
  if (comesHome(winner, loser)) return judgeHomecoming(it, winner, loser);
  return returned(it, winner, loser) ?? overwrite(winner, loser);
}

function comesHome({ identity: { native, origin } }: LiveSide, { site }: LiveSide): boolean {
  return !native && origin.site === site;
}

/** The winner is a replica of a version that its own site no longer has: a worker that slept may have written it after it was deleted there. */
function judgeHomecoming(it: KeyCase, winner: LiveSide, home: LiveSide): Verdict {
  const question = askOf(home, `whether ${home.site} has deleted the version that came from it`);
  if (question) return question;
  return endingOf(winner, home, it.told) === null ? overwrite(winner, home) : overwrite(home, winner);
}

/** The winner's over the loser's. A replica that loses is only old; a user's own write that nobody had seen is a conflict. */
function overwrite(winner: LiveSide, loser: LiveSide): Verdict {
  const refused = uncarriable(winner.object.key, winner.object.sizeBytes, loser.traits);
  if (refused !== null)
    return { kind: 'refuse', reason: 'uncarriable', because: `${loser.site} cannot take it: ${refused}` };
  if (loser.identity.native && winner.history === null) {
    const because = `whether ${winner.site} had seen what ${loser.site} has is in its history`;
    return { kind: 'ask', what: 'history', at: winner.site, because };
  }
  const keepAside = loser.identity.native && !held(winner, loser.identity.origin);
  const because = keepAside
    ? `both sides were written and neither had seen the other's: that of ${told(winner)} is later, that of ${loser.site} is kept aside`
    : `${told(winner)} is later than what ${loser.site} has`;
  const way = { from: winner.site, to: loser.site, keepAside, because };
  const sum = winner.object.crc32c ?? loser.object.crc32c;
  if (sum !== null && sameBytes(winner.object, loser.object)) return { kind: 'restamp', ...way };
  return { kind: 'copy', condition: conditionOf(loser.object), ...way };
}

/** One version on both sides: done, but for attributes that were changed in place, and for a death that came too late for a replay. */
function judgeSameOrigin(it: KeyCase, one: LiveSide, other: LiveSide, same: boolean): Verdict {
  const [home, away] = one.identity.native ? [one, other] : [other, one];
  const gone = returned(it, home, away);
  if (gone) return gone;
  if (same) return { kind: 'nothing', because: `both sides have the version of ${told(one)}` };
  const [from, to] =
    one.identity.native || (!other.identity.native && one.site < other.site) ? [one, other] : [other, one];
  const because = `${to.site} has the bytes of ${told(from)}, and other attributes or tags`;
  return { kind: 'restamp', from: from.site, to: to.site, keepAside: false, because };
}

/** Null: nothing says that the version had been at the other side and was deleted there, before a late copy brought something back. */
function returned(it: KeyCase, home: LiveSide, away: LiveSide): Verdict | null {
  const told = it.told.some(({ site, by }) => site === away.site && by === 'event');
  if (!home.identity.native || away.identity.native || !(told || it.doubted === away.site)) return null;
  const question = askOf(away, 'whether this very version was deleted there, and then replicated once more');
  if (question) return question;
  // Only the history tells: an event says the same of a replica that was overwritten by another of this version.
  const ending = endingOf(home, away, []);
  if (!ending?.exact) return null;
  const because = `${ending.because}, and a late copy had brought it back`;
  return { kind: 'remove', at: home.site, death: ending.death, keepAside: false, because };
}

function judgeAlone(it: KeyCase, present: LiveSide, absent: SideEvidence): Verdict {
  const { identity, object } = present;
  const because = `only ${present.site} has it, and nothing says that ${absent.site} deleted it`;
  const copy = (): Verdict => {
    const refused = uncarriable(object.key, object.sizeBytes, absent.traits);
    if (refused !== null)
      return { kind: 'refuse', reason: 'uncarriable', because: `${absent.site} cannot take it: ${refused}` };
    return {
      kind: 'copy',
      from: present.site,
      to: absent.site,
      condition: { kind: 'absent' },
      keepAside: false,
      because,
    };
  };
  const ofAbsent = identity.origin.site === absent.site;
  if (!ofAbsent && !needsWitnesses(it, present, absent)) return copy();
  const question = askOf(absent, `whether ${absent.site} has deleted it`);
  if (question) return question;
  const ending = endingOf(present, absent, it.told);
  if (ending !== null) {
    const keepAside = identity.native && !ending.exact;
    const aside = keepAside ? `; it was not the version that is at ${present.site}, which is kept aside` : '';
    return { kind: 'remove', at: present.site, death: ending.death, keepAside, because: `${ending.because}${aside}` };
  }
  if (!ofAbsent) return copy();
  return judgeOrphan(present, absent);
}

/** A replica whose own site has nothing is never copied back there. A worker that slept may have written it after its removal. */
function judgeOrphan(present: LiveSide, absent: SideEvidence): Verdict {
  if (present.tombstone === null) {
    const because = `whether it was removed from ${present.site} before`;
    return { kind: 'ask', what: 'tombstone', at: present.site, because };
  }
  const ending = endingOf(present, { ...present, history: null }, []);
  if (ending !== null)
    return { kind: 'remove', at: present.site, death: ending.death, keepAside: false, because: ending.because };
  const because = `${present.site} has a replica of ${told(present)}, and ${absent.site} has neither the version nor anything that says how it went`;
  return { kind: 'refuse', reason: 'origin-lost', because };
}

/** Small creates are many, and each question costs a request: a new object is not suspected of having been deleted. */
function needsWitnesses(it: KeyCase, { object, identity }: LiveSide, absent: SideEvidence): boolean {
  if (it.told.some(({ site }) => site === absent.site)) return true;
  if (absent.look.kind === 'absent' && absent.look.deleted !== 'unknown') return absent.look.deleted;
  return !identity.native || it.nowMillis - object.modifiedMillis >= it.freshSeconds * 1000;
}

/** The cheap question first: a tombstone is one look. */
function askOf({ site, tombstone, history }: SideEvidence, because: string): Verdict | null {
  if (tombstone === null) return { kind: 'ask', what: 'tombstone', at: site, because };
  return history === null ? { kind: 'ask', what: 'history', at: site, because } : null;
}

function told({ identity: { origin } }: LiveSide): string {
  return `${origin.site} at ${new Date(origin.timeMillis).toISOString()}`;
}

function conditionOf({ tag, revision }: ObjectVersion): ObjectCondition {
  return { kind: 'tag', tag, revision };
}
