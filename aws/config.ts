// The environment of a Lambda function: read here and nowhere else.
import { type Config, parseConfig } from '../shared/config.ts';

export function readConfig(env: Record<string, string | undefined> = process.env): Config {
  return parseConfig(env);
}
