// The language of strategy.yaml as JSON Schema, for editors; made of the schema that parses it.
import * as z from 'zod';
import { NOTHING_KNOWN } from './known.ts';
import { strategySchema } from './schema.ts';

/** JSON Schema (draft 7, which the YAML extensions of editors know best) of the file as it is written. */
export function strategyJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(strategySchema(NOTHING_KNOWN), { io: 'input', target: 'draft-7' });
  return { $schema, title: 'Causeway strategy', ...schema };
}
