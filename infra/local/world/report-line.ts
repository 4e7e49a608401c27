// What a region tells the drill: one JSON object a line on its standard output.
import * as z from 'zod';

export const ReportLine = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('failed'), because: z.string() }),
  /** The order of that number was carried out; with a reason, it could not be. */
  z.object({ kind: z.literal('obeyed'), number: z.int(), because: z.string().nullable() }),
  /** A line that a function printed. */
  z.object({ kind: z.literal('log'), from: z.string(), line: z.string() }),
  /** Somebody was told: what Slack and PagerDuty have received. */
  z.object({ kind: z.literal('told'), where: z.string(), text: z.string() }),
  z.object({ kind: z.literal('alarm'), from: z.string(), text: z.string() }),
  /** An event of a bucket that the stand-ins did not deliver, on purpose. */
  z.object({ kind: z.literal('lost-event'), key: z.string(), removal: z.boolean() }),
  z.object({ kind: z.literal('trouble'), because: z.string() }),
]);
export type ReportLine = z.infer<typeof ReportLine>;

export function report(line: ReportLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
