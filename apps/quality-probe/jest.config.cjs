module.exports = { ...require('../../jest.preset.cjs'), displayName: 'quality-probe', rootDir: __dirname };
