module.exports = { ...require('../../jest.preset.cjs'), displayName: 'queue-board', rootDir: __dirname };
