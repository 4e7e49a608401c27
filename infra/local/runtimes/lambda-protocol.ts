// What the Lambda runtime and an execution environment say to each other over the child process's channel.
import * as z from 'zod';

/** To the environment: one event, and how long it may take. */
export const InvokeMessage = z.object({
  kind: z.literal('invoke'),
  requestId: z.string(),
  functionName: z.string(),
  functionArn: z.string(),
  timeoutSeconds: z.number(),
  event: z.unknown(),
});
export type InvokeMessage = z.infer<typeof InvokeMessage>;

/** From the environment, as Lambda reports an error: the payload of an answer whose functionError is `Unhandled`. */
export const FunctionError = z.object({
  errorType: z.string(),
  errorMessage: z.string(),
  trace: z.array(z.string()),
});
export type FunctionError = z.infer<typeof FunctionError>;

export const EnvironmentMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  /** The module or its handler could not be loaded: this environment is of no use. */
  z.object({ kind: z.literal('init-failed'), error: FunctionError }),
  z.object({ kind: z.literal('returned'), requestId: z.string(), payload: z.unknown() }),
  z.object({ kind: z.literal('threw'), requestId: z.string(), error: FunctionError }),
]);
export type EnvironmentMessage = z.infer<typeof EnvironmentMessage>;

/** What became of one invocation. */
export type LambdaAnswer =
  | { kind: 'returned'; requestId: string; payload: unknown }
  | { kind: 'failed'; requestId: string; error: FunctionError }
  /** TooManyRequestsException: the reserved concurrency is used up. */
  | { kind: 'throttled'; requestId: string };
