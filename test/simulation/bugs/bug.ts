// A planted bug: one mechanism of the engine or of the database taken away, by wrapping ports or passing another guard.
import { guardShutFirst } from '../invariants/role-given.ts';
import type { Focus } from '../plan.ts';
import type { Breaking } from '../world.ts';

/** `violates`: the promises that this mechanism keeps. `focus`: in what worlds its loss shows soon. */
export type Bug = { what: string; violates: string[]; focus: Focus; breaking: () => Breaking };

/** What is broken first depends on how long the promotion takes. */
export const oneWriter = ['at most one database accepts writes', guardShutFirst];
