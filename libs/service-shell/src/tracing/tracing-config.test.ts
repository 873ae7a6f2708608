import { readTracingConfig } from './tracing-config';

const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

describe('the OTEL_ variables', () => {
  test.each([
    ['nothing', {}],
    ['empty variables', { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_TRACES_EXPORTER: '' }],
    ['a service name alone', { OTEL_SERVICE_NAME: 'mine', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
    ['the exporter none', { ...endpoint, OTEL_TRACES_EXPORTER: 'none' }],
    ['a disabled SDK', { ...endpoint, OTEL_SDK_DISABLED: 'true' }],
    [
      'a disabled SDK with what is not spoken here',
      { ...endpoint, OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    ],
  ])('leave tracing off with %s', (_what, env) => expect(readTracingConfig(env)).toBeUndefined());

  test.each([
    ['an endpoint', endpoint, ['otlp'], 'http/protobuf'],
    ['an endpoint for spans', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces' }, ['otlp'], 'http/protobuf'],
    ['an exporter', { OTEL_TRACES_EXPORTER: 'otlp' }, ['otlp'], 'http/protobuf'],
    ['several exporters', { OTEL_TRACES_EXPORTER: 'console, otlp' }, ['console', 'otlp'], 'http/protobuf'],
    ['one exporter named twice', { OTEL_TRACES_EXPORTER: 'otlp, otlp' }, ['otlp'], 'http/protobuf'],
    ['JSON', { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, ['otlp'], 'http/json'],
    [
      'a protocol for spans beside another one',
      { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' },
      ['otlp'],
      'http/json',
    ],
  ])('switch it on with %s', (_what, env, ...[exporters, protocol]) =>
    expect(readTracingConfig(env)).toEqual({ exporters, protocol }),
  );

  test.each([
    ['OTEL_TRACES_EXPORTER', 'jaeger'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '7'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
    ['OTEL_SDK_DISABLED', 'perhaps'],
  ])('are refused by name, without the value, when %s is %s', (variable, value) => {
    const read = () => readTracingConfig({ ...endpoint, [variable]: value });
    expect(read).toThrow(new RegExp(`^The configuration cannot be used:\n  ${variable}: .*\\(allowed: [^\n]*\\)$`));
    expect(read).not.toThrow(new RegExp(`${variable}: .*${value} `));
  });
});
