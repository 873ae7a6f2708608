/**
 * Disables onnxruntime's telemetry: by default, 1.30 on Linux reports its use to its maker and stores files in the home
 * folder. Call it in the main thread, whose environment is that of the process, before the first session is opened.
 * Variables that are already set are kept.
 */
export function switchOffTelemetry(env: NodeJS.ProcessEnv): void {
  env['ORT_DISABLE_TELEMETRY'] ??= '1';
}
