import { z } from 'zod';
import { parseConfig } from '../config/config';
import { booleanFlag, durationMs, list, oneOf, wholeNumber } from '../config/config-fields';

/** Where spans go. */
const exporters = ['otlp', 'console'] as const;
export type SpanExporterName = (typeof exporters)[number];

/** How spans are sent to a collector. */
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

/** Variables that decide whether there is tracing at all. */
const switches = z.object({
  OTEL_SDK_DISABLED: booleanFlag().prefault('false').describe('Switches tracing off, whatever else is set'),
  OTEL_TRACES_EXPORTER: list()
    .refine((names) => names.every((name) => name === 'none' || isExporter(name)), 'names another exporter')
    .meta({ allowed: 'otlp, console or none; several with commas', holds: 'text' })
    .optional()
    .describe('Where spans go; when unset, otlp if an endpoint is set'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl().optional().describe('Collector; /v1/traces is added to it'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: httpUrl().optional().describe('Full URL for spans, instead of the one above'),
});

/**
 * The `OTEL_` variables that are checked at start: what is decided here, and what the SDK reads by itself but would
 * replace silently when it is wrong.
 */
const tracingSchema = switches.extend({
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(protocols).default('http/protobuf').describe('How spans are sent'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf(protocols).optional().describe('The same, for spans only'),
  OTEL_TRACES_SAMPLER: oneOf(samplers).default('parentbased_always_on').describe('Which traces are recorded'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number()
    .min(0)
    .max(1)
    .meta({ allowed: 'a number from 0 to 1', holds: 'number' })
    .optional()
    .describe('Share of the traces that a ratio sampler records'),
  OTEL_BSP_SCHEDULE_DELAY: durationMs(1, 600_000).optional().describe('Time between two exports'),
  OTEL_BSP_EXPORT_TIMEOUT: durationMs(1, 600_000).optional().describe('Longest time of one export'),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber(1, 1_000_000).optional().describe('Spans that wait for export at most'),
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber(1, 1_000_000).optional().describe('Spans of one export at most'),
});

/** How spans are exported. */
export interface TracingConfig {
  exporters: SpanExporterName[];
  protocol: OtlpProtocol;
}

/**
 * Reads the standard `OTEL_` variables; undefined when they do not switch tracing on, and then only the switches are
 * looked at.
 *
 * @throws ConfigError naming every variable at fault
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

/** The general protocol may be one for other signals only, such as gRPC, where spans have their own. */
function withoutOverridden(env: Readonly<Record<string, string | undefined>>) {
  return env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] ? { ...env, OTEL_EXPORTER_OTLP_PROTOCOL: undefined } : env;
}

function isExporter(name: string): name is SpanExporterName {
  return exporters.some((known) => known === name);
}

function httpUrl() {
  return z
    .string()
    .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol), 'is not such a URL')
    .meta({ allowed: 'a URL that begins with http:// or https://', holds: 'text' });
}
