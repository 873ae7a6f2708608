import { z } from 'zod';
import { parseConfig } from '../config/config';
import { booleanFlag, durationMs, list, oneOf, wholeNumber } from '../config/config-fields';

/** Exporters of spans. */
const exporters = ['otlp', 'console'] as const;
export type SpanExporterName = (typeof exporters)[number];

/** Protocols to a collector. */
const protocols = ['http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof protocols)[number];

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** Variables that decide whether tracing is enabled. */
const switches = z.object({
  OTEL_SDK_DISABLED: booleanFlag().prefault('false').describe('Disables tracing, whatever else is set'),
  OTEL_TRACES_EXPORTER: list()
    .refine((names) => names.every((name) => name === 'none' || isExporter(name)), 'has an unknown exporter')
    .meta({ allowed: 'otlp, console or none; a comma-separated list', holds: 'text' })
    .optional()
    .describe('Exporters of spans. Default: otlp if an endpoint is set'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl().optional().describe('URL of the collector; /v1/traces is appended'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl()
    .optional()
    .describe('Full URL for spans, instead of OTEL_EXPORTER_OTLP_ENDPOINT'),
});

/**
 * The `OTEL_` variables that are validated at start: those that are read here, and those that the SDK reads by itself
 * and would silently replace if they are invalid.
 */
const tracingSchema = switches.extend({
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(protocols).default('http/protobuf').describe('Protocol to the collector'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf(protocols).optional().describe('Protocol to the collector for spans only'),
  OTEL_TRACES_SAMPLER: oneOf(samplers).default('parentbased_always_on').describe('Which traces are recorded'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .meta({ allowed: 'a number from 0 to 1', holds: 'number' })
    .optional()
    .describe('Share of the traces that a ratio sampler records'),
  OTEL_BSP_SCHEDULE_DELAY: durationMs(1, 600_000).optional().describe('Time between two exports'),
  OTEL_BSP_EXPORT_TIMEOUT: durationMs(1, 600_000).optional().describe('Time limit of one export'),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber(1, 1_000_000)
    .optional()
    .describe('Maximum number of spans that wait for export'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber(1, 1_000_000).optional().describe('Maximum number of spans per export'),
});

/** How spans are exported. */
export interface TracingConfig {
  exporters: SpanExporterName[];
  protocol: OtlpProtocol;
}

/**
 * Reads the standard `OTEL_` variables. Undefined if they do not enable tracing; then only the variables that enable it
 * are validated.
 *
 * @throws ConfigError that names every invalid variable
 */
export function readTracingConfig(env: Readonly<Record<string, string | undefined>>): TracingConfig | undefined {
  const chosen = chosenExporters(parseConfig(switches, env));
  if (chosen.length === 0) return undefined;
  const values = parseConfig(tracingSchema, withoutOverridden(env));
  return {
    exporters: chosen,
    protocol: values.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? values.OTEL_EXPORTER_OTLP_PROTOCOL,
  };
}

function chosenExporters(values: z.output<typeof switches>): SpanExporterName[] {
  if (values.OTEL_SDK_DISABLED) return [];
  if (values.OTEL_TRACES_EXPORTER !== undefined) return [...new Set(values.OTEL_TRACES_EXPORTER.filter(isExporter))];
  return values.OTEL_EXPORTER_OTLP_ENDPOINT || values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ? ['otlp'] : [];
}

/** Removes the general protocol if spans have their own: it may be for other signals only, such as gRPC. */
function withoutOverridden(env: Readonly<Record<string, string | undefined>>) {
  return env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ? { ...env, OTEL_EXPORTER_OTLP_PROTOCOL: undefined } : env;
}

function isExporter(name: string): name is SpanExporterName {
  return exporters.some((known) => known === name);
}

function httpUrl() {
  return z
    .string()
    .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), 'is not a valid URL')
    .meta({ allowed: 'a URL that begins with http:// or https://', holds: 'text' });
}
