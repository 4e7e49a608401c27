// `npm run demo:cost`.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { borrowCredentials, silenceSdkNotice } from '../config.ts';
import { runDemo } from './demo.ts';

borrowCredentials();
silenceSdkNotice();

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
