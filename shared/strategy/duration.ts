// Durations as people write them (`30s`, `5m`, `1h`, `500ms`) and as the program counts them: in seconds.
import * as z from 'zod';

const UNITS = [
  { unit: 'd', milliseconds: 86_400_000 },
  { unit: 'h', milliseconds: 3_600_000 },
  { unit: 'm', milliseconds: 60_000 },
  { unit: 's', milliseconds: 1_000 },
  { unit: 'ms', milliseconds: 1 },
] as const;

const DURATION_PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const MAXIMUM_SECONDS = 366 * 86_400;

export const DURATION_ALLOWED = 'a duration such as 500ms, 30s, 5m, 1h or 1d';

/** `1.5m` is 90. Null: not a duration. Resolution is a millisecond. */
export function secondsOf(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  const unit = UNITS.find((candidate) => candidate.unit === match?.[2]);
  if (!match?.[1] || !unit) return null;
  const seconds = Math.round(Number(match[1]) * unit.milliseconds) / 1000;
  return seconds <= MAXIMUM_SECONDS ? seconds : null;
}

/** The shortest text that reads back as the same number of seconds (to the millisecond): 300 is `5m`, 90 is `90s`. */
export function durationText(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000);
  if (milliseconds === 0) return '0s';
  const unit = UNITS.find((candidate) => milliseconds % candidate.milliseconds === 0) ?? UNITS[4];
  return `${milliseconds / unit.milliseconds}${unit.unit}`;
}

/** In the file a text, in the program seconds; goes both ways without loss. May be `0s`. */
export const Duration = z.codec(
  z.string({ error: DURATION_ALLOWED }).regex(DURATION_PATTERN, { error: DURATION_ALLOWED }),
  z.number(),
  {
    decode: (text, context) => {
      const seconds = secondsOf(text);
      if (seconds === null) {
        context.issues.push({ code: 'custom', message: `${DURATION_ALLOWED}, of at most 366d`, input: text });
        return z.NEVER;
      }
      return seconds;
    },
    encode: durationText,
  },
);

/** A duration that must be longer than nothing. */
export const PositiveDuration = Duration.refine((seconds) => seconds > 0, {
  error: `${DURATION_ALLOWED}, longer than 0s`,
});
