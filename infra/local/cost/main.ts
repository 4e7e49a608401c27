// `npm run demo:cost`.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { runDemo } from './demo.ts';

// The SDKs' own chain, as a role's credentials are taken; and their word about Node versions to come would stand between the lines.
process.env.AWS_ACCESS_KEY_ID ??= 'local';
process.env.AWS_SECRET_ACCESS_KEY ??= 'local';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const page = resolve('.causeway', 'cost-report.html');
mkdirSync(dirname(page), { recursive: true });

const began = performance.now();
await runDemo({
  strategy: readFileSync(new URL('../strategy.yaml', import.meta.url), 'utf8'),
  print: (line) => console.log(line),
  seed: 7,
  today: '2026-11-25',
  days: 92,
  page,
});
console.log(`\nin ${((performance.now() - began) / 1000).toFixed(1)} s`);
