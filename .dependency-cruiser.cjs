/**
 * Which imports there may be between files and folders of one project. Between projects: tools/boundaries.mjs. Tests may
 * import what they like.
 */
module.exports = {
  forbidden: [
    {
      name: 'no-circle-of-files',
      comment: 'Files that import each other cannot be read one after the other: put what both need into a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-circle-of-rooms',
      comment: 'Imports between the folders of a project go one way.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
    {
      name: 'rooms-do-not-look-up',
      comment: 'The files directly in src put the rooms together; a room imports none of them but the configuration.',
      severity: 'error',
      from: { path: '^((?:apps|libs)/[^/]+/src)/[^/]+/' },
      to: { path: '^$1/[^/]+[.]tsx?$', pathNot: '/config[.]ts$' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['[.]test[.]tsx?$', '(^|/)testing([.]ts$|/)', 'node_modules', '/dist/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@rerank-fleet/source', 'import', 'require', 'node', 'default'],
    },
  },
};
