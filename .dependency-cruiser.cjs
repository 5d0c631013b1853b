// Who may import whom. `type-only` edges are seen as well (tsPreCompilationDeps), and most rules hold for them too.

const OURS = '^(src|web|workflows|activities|migrations|simulator|bench|test|scripts)/';
const PRODUCTION = '^(src|workflows|activities|migrations)/';
// The one-machine stack, for development: not in the image, so free to use devDependencies.
const DEVELOPMENT = '^src/(embedded/|main\\.(start|demo)\\.ts$)';
// Small modules beside the entries (logging, CSV); entries and the reader of the environment are not among them.
const SRC_ROOT = '^src/(?!main\\.|config\\.)[^/]+\\.ts$';

/**
 * The production code from the top floor to the bottom one. A folder may use what lies on a lower floor; never what
 * lies on a higher one, nor its neighbour on its own. Folders that do not exist yet have their place already.
 */
const FLOORS = [
  ['^src/(main\\.[^/]+|config)\\.ts$'],
  ['^src/cli/', '^src/embedded/'],
  ['^src/api/'],
  ['^src/worker/'],
  ['^src/temporal/', '^src/changes/'],
  ['^workflows/'],
  ['^activities/'],
  ['^src/search/', '^src/detection/'],
  ['^src/store/'],
  ['^src/sentinelone/'],
  ['^src/esql/'],
  ['^src/domain/'],
];

/** One rule for each folder below the top floor: it imports nothing of its own floor or above but itself. */
const floorRules = FLOORS.slice(1).flatMap((folders, index) =>
  folders.map((folder) => ({
    name: `floor-of-${folder.replace(/^\^(src\/)?|\/$/g, '')}`,
    comment: 'An arrow goes to a lower floor only; the table of floors is at the head of .dependency-cruiser.cjs.',
    severity: 'error',
    from: { path: folder },
    to: {
      path: FLOORS.slice(0, index + 2)
        .flat()
        .filter((other) => other !== folder),
    },
  })),
);

/** `from` may import these of our own modules and no others. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: OURS, pathNot: allowed },
});

const forbidden = [
  ...floorRules,
  only('small-modules', 'What lies beside the entries may be used by any, so it uses no folder but domain.', SRC_ROOT, [
    SRC_ROOT,
    '^src/domain/',
  ]),
  only('domain-is-pure', 'domain imports nothing of ours.', '^src/domain/', ['^src/domain/']),
  {
    name: 'domain-without-zod',
    comment: 'domain runs inside workflows, and zod costs 0.5 MB a cached workflow.',
    severity: 'error',
    from: { path: '^src/domain/' },
    to: { path: 'node_modules/zod/|^zod$' },
  },
  {
    name: 'workflows-deterministic',
    comment: 'workflows import the workflow SDK, domain, and types of activities; nothing else can run in the sandbox.',
    severity: 'error',
    from: { path: '^workflows/' },
    to: { pathNot: ['^workflows/', '^src/domain/', '^activities/', '(^|/)@temporalio/(workflow|common)(/|$)'] },
  },
  {
    name: 'workflows-activity-types-only',
    comment: 'A value imported from activities would pull their I/O into the workflow bundle.',
    severity: 'error',
    from: { path: '^workflows/' },
    to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
  },
  only('activities-layer', 'activities put I/O around domain; they know no HTTP server.', '^activities/', [
    '^activities/',
    '^src/(domain|store|sentinelone|detection)/',
    SRC_ROOT,
  ]),
  only('search-layer', 'search turns a plan into SQL and reads through store.', '^src/search/', [
    '^src/(search|store|esql|domain)/',
    SRC_ROOT,
  ]),
  only('detection-is-pure', 'detection judges an event by rules that it is given.', '^src/detection/', [
    '^src/(detection|domain)/',
  ]),
  only('esql-stands-alone', 'The browser uses esql too: it imports nothing of ours.', '^src/esql/', ['^src/esql/']),
  {
    name: 'esql-has-no-dependency',
    comment: 'esql is a language and nothing else: no package but RE2, which has none itself, and no node built-in.',
    severity: 'error',
    from: { path: '^src/esql/' },
    to: { path: 'node_modules/', pathNot: 'node_modules/re2js/' },
  },
  {
    name: 'pure-no-builtins',
    comment:
      'domain runs inside workflows, esql in browsers, where node built-ins do not exist; detection does no I/O.',
    severity: 'error',
    from: { path: '^src/(domain|esql|detection)/' },
    to: { dependencyTypes: ['core'] },
  },
  only('store-layer', 'store knows SQL and domain.', '^src/store/', ['^src/(store|domain)/']),
  only('sentinelone-layer', 'The API client knows HTTP and domain.', '^src/sentinelone/', [
    '^src/(sentinelone|domain)/',
  ]),
  only('api-layer', 'api talks to SentinelOne through the workflow only.', '^src/api/', [
    '^src/(api|changes|domain|store|search|temporal)/',
    '^workflows/connection/messages\\.ts$',
    SRC_ROOT,
  ]),
  only('cli-layer', 'The command line stands on the same services as the HTTP API.', '^src/cli/', [
    '^src/(cli|api|domain|store|temporal)/',
    '^workflows/connection/messages\\.ts$',
    SRC_ROOT,
  ]),
  only('migrations-are-frozen', 'A migration that imports code changes when the code does.', '^migrations/', [
    '^migrations/',
  ]),
  only(
    'simulator-stands-alone',
    'The simulator stands in for SentinelOne and must not share our mistakes.',
    '^simulator/',
    ['^simulator/'],
  ),
  only('web-layer', 'web knows the HTTP API by generated types, and the language of queries.', '^web/', [
    '^web/',
    '^src/esql/',
  ]),
  {
    name: 'web-is-built',
    comment: 'The api serves what was built of web; only tests import its modules.',
    severity: 'error',
    from: { path: OURS, pathNot: '^(web|test)/' },
    to: { path: '^web/' },
  },
  {
    name: 'nest-in-the-api-only',
    comment: 'The worker and everything it runs work without NestJS.',
    severity: 'error',
    from: { path: PRODUCTION, pathNot: ['^src/api/', '^src/main\\.api\\.ts$'] },
    to: { path: 'node_modules/@nestjs/' },
  },
  {
    name: 'no-development-in-production',
    comment: 'The image holds neither the one-machine stack nor the simulator, tests, benchmarks or build scripts.',
    severity: 'error',
    from: { path: PRODUCTION, pathNot: DEVELOPMENT },
    to: { path: ['^src/embedded/', '^(test|bench|scripts)/'] },
  },
  {
    name: 'simulator-is-a-process',
    comment: 'start and demo run the simulator as a process; only tests and benchmarks may import it.',
    severity: 'error',
    from: { path: OURS, pathNot: '^(simulator|test|bench)/' },
    to: { path: '^simulator/' },
  },
  {
    name: 'entries-are-not-imported',
    comment: 'A main module starts its process when it is imported.',
    severity: 'error',
    from: {},
    to: { path: '^(src/main\\.[^/]+|simulator/main|bench/main)\\.ts$' },
  },
  {
    name: 'no-dev-dependencies',
    comment: 'The image is installed without devDependencies.',
    severity: 'error',
    from: { path: PRODUCTION, pathNot: DEVELOPMENT },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: 'node_modules/@types/' },
  },
  {
    name: 'no-undeclared-packages',
    comment: 'A package that only a dependency brings may be gone after the next install.',
    severity: 'error',
    from: {},
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'no-unresolvable',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'no-orphans',
    comment: 'A module that nothing uses and that is no entry is dead.',
    severity: 'error',
    from: { orphan: true, path: OURS, pathNot: ['/main\\.[^/]+$', '^(migrations|scripts|test|web/public)/', '\\.d\\.ts$'] },
    to: {},
  },
];

module.exports = {
  forbidden,
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
