import { switchOffTelemetry } from './telemetry';

it('switches reports off, unless the environment wants them', () => {
  const silent: NodeJS.ProcessEnv = {};
  switchOffTelemetry(silent);
  expect(silent).toEqual({ ORT_DISABLE_TELEMETRY: '1' });
  const wanted = { ORT_DISABLE_TELEMETRY: '0' };
  switchOffTelemetry(wanted);
  expect(wanted).toEqual({ ORT_DISABLE_TELEMETRY: '0' });
});
