module.exports = { ...require('../../jest.preset.cjs'), displayName: 'playground', rootDir: __dirname };
