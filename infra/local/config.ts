// The environment of the local world's processes: read here and nowhere else.
import { groupVariable } from './process-tree.ts';

type Environment = Record<string, string | undefined>;

/** What a region's process is given of this one's environment: enough to find programs, and nothing that could point to a real cloud. */
export function regionBasics(env: Environment = process.env): { PATH: string; HOME: string } {
  return { PATH: env.PATH ?? '', HOME: env.HOME ?? '/' };
}

/** The mark of the process group that this process was started in; empty when it was started by hand. */
export function ownGroup(env: Environment = process.env): string {
  return env[groupVariable] ?? '';
}

/** The SDK's notice about the age of Node is said once by every client; the product's functions run on a newer one. */
export function silenceSdkNotice(env: Environment = process.env): void {
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
}

/** Credentials that any stand-in takes, where whoever runs this has none of his own: the SDKs find them by their own chain. */
export function borrowCredentials(env: Environment = process.env): void {
  env.AWS_ACCESS_KEY_ID ??= 'local';
  env.AWS_SECRET_ACCESS_KEY ??= 'local';
}
