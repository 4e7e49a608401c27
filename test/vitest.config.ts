// How the tests are run: below `test/`, on two workers.
import { defineConfig } from 'vitest/config';

// Files run in parallel on two workers: the databases that some of them start would fight for two cores otherwise.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // What is polled for comes soon on a quiet machine, and late beside the databases of other tests.
    expect: { poll: { timeout: 10_000 } },
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
});
