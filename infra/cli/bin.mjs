#!/usr/bin/env node
// What `npx causeway` runs in a checkout: registers the loader for TypeScript, then the program.
import { register } from 'tsx/esm/api';

register();
await import('./main.ts');
