module.exports = {
  projects: ['<rootDir>/libs/*', '<rootDir>/apps/*', '<rootDir>/tools'],
  // of the projects' own settings this one is ignored when they run together
  testTimeout: 30_000,
};
