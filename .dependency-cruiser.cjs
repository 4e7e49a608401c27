// Import direction, as the architecture has it: functions -> events, wiring, engine; wiring -> config, adapters;
// adapters -> ports, model, their own SDK; engine -> decision, authority, ports; decision -> model; model -> zod.
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'model-knows-only-zod',
      severity: 'error',
      from: { path: '^shared/model/' },
      to: { pathNot: '^shared/model/|node_modules/zod/' },
    },
    {
      name: 'decision-is-pure',
      comment: 'decide, fold and guard take everything as arguments: move I/O to engine/ behind a port',
      severity: 'error',
      from: { path: '^shared/decision/' },
      to: { pathNot: '^shared/(decision|model)/' },
    },
    {
      name: 'ports-are-types-over-the-model',
      severity: 'error',
      from: { path: '^shared/ports/' },
      to: { pathNot: '^shared/(ports|model)/' },
    },
    {
      name: 'objects-know-ports-and-model',
      comment: 'both ends of a replication are buckets behind a port; who hears events and who wires lives elsewhere',
      severity: 'error',
      from: { path: '^shared/objects/[^/]+[.]ts$' },
      to: { pathNot: '^shared/(objects/[^/]+[.]ts|ports/|model/)|^(node:)?crypto$|node_modules/zod/' },
    },
    {
      name: 'objects-are-judged-purely',
      comment: 'what is decided takes everything as arguments: ask in replicate.ts, change in perform.ts',
      severity: 'error',
      from: { path: '^shared/objects/(stamp|order|judge|evidence|attributes|part-plan|crc32c|own-keys|outcome)[.]ts$' },
      to: {
        path: '^shared/objects/(copy|copy-parts|record|tombstone|upload|perform|replicate)[.]ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'shared-is-cloud-neutral',
      comment: 'what calls a cloud API is an adapter: it lives in aws/adapters or gcp/adapters',
      severity: 'error',
      from: { path: '^shared/' },
      to: {
        path: '^(aws|gcp|infra|test)/|@aws-sdk|@google-cloud|google-auth-library',
      },
    },
    {
      name: 'kubernetes-client-in-one-folder',
      comment: "every cloud's cluster speaks the same API: use shared/kubernetes/",
      severity: 'error',
      from: { pathNot: '^shared/kubernetes/' },
      to: { path: '@kubernetes' },
    },
    {
      name: 'adapters-know-ports-model-and-their-sdk',
      severity: 'error',
      from: { path: '^(aws|gcp)/adapters/' },
      to: {
        path: '^(aws|gcp|shared)/',
        // Sources of cost answer in its exact decimals and its categories.
        pathNot: '^(aws|gcp)/adapters/|^shared/(ports|model|kubernetes|streams)/|^shared/cost/[^/]+[.]ts$',
      },
    },
    {
      name: 'aws-adapters-call-aws-only',
      severity: 'error',
      from: { path: '^aws/adapters/' },
      to: { path: '^gcp/|@google-cloud|google-auth-library' },
    },
    {
      name: 'gcp-adapters-call-google-only',
      severity: 'error',
      from: { path: '^gcp/adapters/' },
      to: { path: '^aws/|@aws-sdk' },
    },
    {
      name: 'events-only-parse',
      severity: 'error',
      from: { path: '^(aws|gcp)/events/' },
      to: {
        path: '^(aws|gcp|shared)/',
        // An event holds the object as the API's answers do, and amounts are exact decimals from the start.
        pathNot:
          '^(aws|gcp)/events/|^shared/(model|events)/|^shared/cost/money.ts$|^gcp/adapters/gcs-object-bucket-resource.ts$',
      },
    },
    {
      name: 'functions-parse-wire-and-respond',
      severity: 'error',
      from: { path: '^(aws|gcp)/functions/' },
      to: {
        path: '^(aws|gcp)/adapters/|@aws-sdk|@google-cloud/(?!functions-framework)',
      },
    },
    {
      name: 'the-product-does-not-import-infra',
      severity: 'error',
      from: { path: '^(aws|gcp|shared)/' },
      to: { path: '^(infra|test)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
