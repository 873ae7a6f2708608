module.exports = { ...require('../../jest.preset.cjs'), displayName: 'service-shell', rootDir: __dirname };
