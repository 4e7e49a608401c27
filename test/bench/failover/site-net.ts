// Three machines on a network of their own: Linux network namespaces on one bridge, whose packets can be dropped.
import { execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';

export type Machine = {
  readonly address: string;
  /** What to put before a command line so that it runs on this machine. */
  readonly prefix: string[];
  /** Drops every packet between this machine and those. */
  cutFrom(others: readonly Machine[]): void;
  /** Drops every packet but the machine's own to itself. */
  silence(): void;
};

export type SiteNet = {
  /** Where clients stand. */
  clientAddress: string;
  first: Machine;
  second: Machine;
  witness: Machine;
  /** Removes all of it; safe to repeat. */
  close(): void;
};

/** Needs root, `ip` and `iptables`. What was made is removed when this process exits too, as it does on Ctrl-C. */
export function openSiteNet(): SiteNet {
  // A namespace goes away some time after it was removed: the next pair must not find the names of the last.
  const id = `cwb${randomInt(0x100000, 0xffffff).toString(16)}`;
  // A network that machines seldom have, and a part of it by chance: two benches may run side by side.
  const net = `10.213.${randomInt(1, 255)}`;
  const names = ['first', 'second', 'witness'] as const;
  const close = (): void => {
    for (const [index, name] of names.entries()) {
      quietly('ip', ['link', 'del', plugName(id, index)]);
      quietly('ip', ['netns', 'del', `${id}-${name}`]);
    }
    quietly('ip', ['link', 'del', id]);
    process.off('exit', close);
  };
  process.on('exit', close);
  try {
    run('ip', ['link', 'add', id, 'type', 'bridge']);
    run('ip', ['addr', 'add', `${net}.254/24`, 'dev', id]);
    run('ip', ['link', 'set', id, 'up']);
    const [first, second, witness] = names.map((name, index) =>
      plugIn({ bridge: id, plug: plugName(id, index), namespace: `${id}-${name}`, address: `${net}.${index + 1}` }),
    );
    if (!first || !second || !witness) throw new Error('three machines were named and fewer were made');
    return { clientAddress: `${net}.254`, first, second, witness, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** The bridge's end of a machine's cable. */
function plugName(bridge: string, index: number): string {
  return `${bridge}v${index + 1}`;
}

type Place = { bridge: string; plug: string; namespace: string; address: string };

function plugIn({ bridge, plug, namespace, address }: Place): Machine {
  run('ip', ['netns', 'add', namespace]);
  run('ip', ['link', 'add', plug, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace]);
  run('ip', ['link', 'set', plug, 'master', bridge, 'up']);
  const prefix = ['ip', 'netns', 'exec', namespace];
  const inside = (args: string[]): void => run('ip', ['netns', 'exec', namespace, ...args]);
  inside(['ip', 'addr', 'add', `${address}/24`, 'dev', 'eth0']);
  inside(['ip', 'link', 'set', 'eth0', 'up']);
  inside(['ip', 'link', 'set', 'lo', 'up']);
  const drop = (...match: string[]): void => inside(['iptables', '-w', '-A', ...match, '-j', 'DROP']);
  return {
    address,
    prefix,
    cutFrom: (others) => {
      for (const other of others) {
        drop('INPUT', '-s', other.address);
        drop('OUTPUT', '-d', other.address);
      }
    },
    silence: () => {
      drop('INPUT', '-i', 'eth0');
      drop('OUTPUT', '-o', 'eth0');
    },
  };
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

/** For what may be gone already. */
function quietly(command: string, args: string[]): void {
  try {
    run(command, args);
  } catch {
    // Nothing left to remove.
  }
}
