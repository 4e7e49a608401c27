// The GO-PRO strategy as typed values, read from the example that ships with the local world.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Strategy } from '../../shared/model/strategy.ts';
import { parseStrategy } from '../../shared/strategy/parse.ts';

const path = fileURLToPath(new URL('../../infra/local/strategy.yaml', import.meta.url));

export function theStrategy(): Strategy {
  const parsed = parseStrategy(readFileSync(path, 'utf8'), path);
  if (parsed.kind === 'invalid') throw new Error(parsed.issues.map((issue) => issue.message).join('\n'));
  return parsed.strategy;
}
