module.exports = { ...require('../../jest.preset.cjs'), displayName: 'batching', rootDir: __dirname };
