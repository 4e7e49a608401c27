// The order in which object stores list names: that of their UTF-8 bytes.

/** Compares as the UTF-8 bytes would, without making them. Only surrogate pairs order otherwise in UTF-16. */
export function byBytes(one: string, other: string): number {
  const shorter = Math.min(one.length, other.length);
  for (let at = 0; at < shorter; at++) {
    const left = one.charCodeAt(at);
    const right = other.charCodeAt(at);
    if (left !== right) return rankOf(left) - rankOf(right);
  }
  return one.length - other.length;
}

/** A surrogate stands for a code point above all that one unit can write. */
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

export type NameIndex = {
  add(name: string): void;
  delete(name: string): void;
  /** Names that come after `name` (or are it, with `inclusive`), in order. */
  from(name: string, inclusive: boolean): Generator<string>;
};

/** Names kept in order; sorted again only when somebody looks after a change. */
export function createNameIndex(): NameIndex {
  const live = new Set<string>();
  let ordered: string[] = [];
  let fresh: string[] = [];
  let stale = false;
  const tidy = () => {
    if (!stale) return;
    // What was ordered stays so, which makes sorting it again with a few more cheap.
    ordered = [...new Set([...ordered.filter((name) => live.has(name)), ...fresh.filter((name) => live.has(name))])];
    ordered.sort(byBytes);
    fresh = [];
    stale = false;
  };
  return {
    add: (name) => {
      if (live.has(name)) return;
      live.add(name);
      fresh.push(name);
      stale = true;
    },
    delete: (name) => {
      stale = live.delete(name) || stale;
    },
    *from(name, inclusive) {
      tidy();
      const names = ordered;
      let low = 0;
      let high = names.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        const order = byBytes(names[middle] ?? '', name);
        if (order < 0 || (order === 0 && !inclusive)) low = middle + 1;
        else high = middle;
      }
      for (let at = low; at < names.length; at++) yield names[at] ?? '';
    },
  };
}
