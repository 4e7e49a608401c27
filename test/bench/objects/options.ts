// What `npm run bench -- objects` may be told on the command line: how much is copied, so that a small machine can do it too.

export type ObjectsOptions = { small: number; medium: number; largeMebibytes: number };

/** Flags of `parseArgs`. */
export const OBJECTS_FLAGS = {
  small: { type: 'string' },
  medium: { type: 'string' },
  'large-mib': { type: 'string' },
} as const;

/** Throws an error that says what was given wrong and what would have been taken. */
export function objectsOptions(flags: { small?: string; medium?: string; 'large-mib'?: string }): ObjectsOptions {
  return {
    small: whole('--small', flags.small, 10_000),
    medium: whole('--medium', flags.medium, 200),
    largeMebibytes: whole('--large-mib', flags['large-mib'], 2048),
  };
}

function whole(flag: string, written: string | undefined, usual: number): number {
  const value = Number(written ?? usual);
  if (Number.isInteger(value) && value >= 0 && value <= 1_000_000) return value;
  throw new Error(`${flag} is a whole number from 0 to 1000000, not ${written}; 0 leaves that work out`);
}
