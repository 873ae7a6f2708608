/**
 * onnxruntime 1.30 on Linux reports its use to its maker, and keeps files for that in the home folder, unless told not to.
 * To be called in the main thread, whose environment is that of the process, before the first session is opened; what the
 * environment says already stands.
 */
export function switchOffTelemetry(env: NodeJS.ProcessEnv): void {
  env['ORT_DISABLE_TELEMETRY'] ??= '1';
}
