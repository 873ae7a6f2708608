module.exports = { ...require('../../jest.preset.cjs'), displayName: 'onnx-export', rootDir: __dirname };
