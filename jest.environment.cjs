const { TestEnvironment } = require('jest-environment-node');

/**
 * onnxruntime-node's binding makes typed arrays of the outer realm, which its own check then refuses inside a test's
 * realm. Sharing the constructors makes both realms agree.
 */
module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      if (/^(Big)?(Int|Uint|Float)\d+(Clamped)?Array$/.test(name)) this.global[name] = globalThis[name];
    }
  }
};
