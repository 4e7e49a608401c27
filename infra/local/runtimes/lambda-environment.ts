// Runs in the child process of an execution environment: loads the handler once, then handles one event at a time.
import { pathToFileURL } from 'node:url';
import { type EnvironmentMessage, type FunctionError, InvokeMessage } from './lambda-protocol.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const [, , entry = '', handlerExport = ''] = process.argv;

const say = (message: EnvironmentMessage): void => {
  process.send?.(message);
};

const describe = (error: unknown): FunctionError => ({
  errorType: error instanceof Error ? error.name : 'Error',
  errorMessage: error instanceof Error ? error.message : String(error),
  trace: error instanceof Error ? (error.stack ?? '').split('\n') : [],
});

const isHandler = (value: unknown): value is Handler => typeof value === 'function';

async function load(): Promise<Handler> {
  const module: Record<string, unknown> = await import(pathToFileURL(entry).href);
  const handler = module[handlerExport];
  if (isHandler(handler)) return handler;
  throw Object.assign(
    new Error(`${entry} exports no function "${handlerExport}"; it exports ${Object.keys(module).join(', ')}`),
    { name: 'Runtime.HandlerNotFound' },
  );
}

function contextOf(message: InvokeMessage): unknown {
  const deadline = performance.now() + message.timeoutSeconds * 1000;
  return {
    awsRequestId: message.requestId,
    functionName: message.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: message.functionArn,
    memoryLimitInMB: '512',
    logGroupName: `/aws/lambda/${message.functionName}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  };
}

async function handle(handler: Handler, message: InvokeMessage): Promise<void> {
  const { requestId } = message;
  try {
    const payload = (await handler(message.event, contextOf(message))) ?? null;
    say({ kind: 'returned', requestId, payload });
  } catch (error) {
    say({ kind: 'threw', requestId, error: describe(error) });
  }
}

// Whoever started this environment is gone: nobody is left to answer to.
process.once('disconnect', () => process.exit(0));
try {
  const handler = await load();
  process.on('message', (message) => void handle(handler, InvokeMessage.parse(message)));
  say({ kind: 'ready' });
} catch (error) {
  const described = describe(error);
  const errorType = described.errorType.startsWith('Runtime.') ? described.errorType : 'Runtime.ImportModuleError';
  process.send?.({ kind: 'init-failed', error: { ...described, errorType } } satisfies EnvironmentMessage, () =>
    process.exit(1),
  );
}
