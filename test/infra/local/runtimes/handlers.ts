// Handlers that the runtime tests run in real child processes.
import { appendFileSync } from 'node:fs';

type Context = { awsRequestId: string; functionName: string; getRemainingTimeInMillis(): number };
type Event = { file?: string; failures?: number; holdSeconds?: number; exit?: number; forever?: boolean };

let seen = 0;

/** Says who it is; then holds, fails or exits as the event asks. Events with `file` are counted there. */
export const handler = async (event: Event, context: Context): Promise<unknown> => {
  seen += 1;
  console.log(`event ${seen} in ${process.pid}`);
  if (event.file) appendFileSync(event.file, `${context.awsRequestId}\n`);
  if (event.exit !== undefined) process.exit(event.exit);
  if (event.forever) await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  if (event.holdSeconds) await new Promise((resolve) => setTimeout(resolve, (event.holdSeconds ?? 0) * 1000));
  if (event.failures && seen <= event.failures) throw new TypeError(`attempt ${seen} fails`);
  return {
    pid: process.pid,
    seen,
    requestId: context.awsRequestId,
    remaining: context.getRemainingTimeInMillis(),
    name: process.env.AWS_LAMBDA_FUNCTION_NAME,
    colour: process.env.COLOUR,
    inherited: process.env.HOME ?? null,
  };
};

/** Goes on after its answer, which a frozen environment must not let it. */
export const restless = async (event: { file: string }): Promise<string> => {
  setInterval(() => appendFileSync(event.file, 'x'), 5);
  return 'answered';
};
