import {
  type Secret,
  durationMs,
  list,
  logLevel,
  networks,
  port,
  redisFields,
  secretList,
  wholeNumber,
} from '@rerank-fleet/service-shell';
import { z } from 'zod';
import { maxNameCharacters } from './dialects/fields';
import { isDefaultName, type ModelAliases } from './dialects/model-name';
import { isWebOrigin } from './http/origins';
import { waitRangeMs } from './http/request-wait';

const modelAliases = () =>
  list().superRefine((entries, context) => {
    const pairs = entries.map(aliasOf);
    const names = new Set(pairs.map(([name = '']) => name));
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (pairs.some(([name, target, ...rest]) => !name || !target || rest.length > 0))
      refuse('must be pairs name=bundle');
    else if ([...names].some((name) => name.length > maxNameCharacters))
      refuse(`holds a name of more than ${maxNameCharacters} characters, which no request can have`);
    else if (names.size < pairs.length) refuse('holds a name twice');
    else if ([...names].some(isDefaultName)) refuse('gives another meaning to a name of the default model');
    else if (pairs.some(([, target = '']) => names.has(target))) refuse('names a bundle that is itself a name here');
  });

function aliasOf(entry: string): string[] {
  return entry.split('=').map((part) => part.trim());
}

const origins = list().superRefine((texts, context) => {
  if (texts.every(isWebOrigin)) return;
  context.addIssue({ code: 'custom', message: 'holds what is not an origin, such as https://app.example.org' });
});

/** Becomes a link of the page, so nothing but HTTP is taken. */
const webAddress = () =>
  z.url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' }).optional();

/** Every variable that configures a gateway, with its default as one would write it. */
export const configSchema = z
  .object({
    HOST: z.string().default('127.0.0.1').describe('Address that the API listens on.'),
    PORT: port().prefault('8080').describe('Port of the API.'),
    OPS_HOST: z.string().default('127.0.0.1').describe('Address of the ops server: /metrics, /health, /ready.'),
    OPS_PORT: port().prefault('9100').describe('Port of the ops server.'),
    ...redisFields,
    API_KEYS: secretList()
      .prefault('')
      .describe(
        'API keys that are accepted, as Authorization (with or without Bearer), x-api-key or api-key; none: no key needed.',
      ),
    TRUSTED_NETWORKS: networks()
      .prefault('')
      .describe(
        'Networks (CIDR) whose callers need no key, for clients that cannot send one. Behind a proxy: the proxy.',
      ),
    ALLOWED_ORIGINS: origins
      .prefault('')
      .describe(
        "Origins whose pages may call the API from a browser (CORS), such as https://app.example.org; without API keys also the address of the gateway's own page, where that is a domain name.",
      ),
    MAX_DOCUMENTS: wholeNumber(1, 100_000).prefault('1000').describe('Documents of one request.'),
    MAX_BODY_BYTES: wholeNumber(1_024, 250_000_000)
      .prefault('10000000')
      .describe('Size of one request body after inflating.'),
    MAX_HELD_BYTES: wholeNumber(2_048, 1_000_000_000_000)
      .prefault('80000000')
      .describe(
        'What the bodies of all requests that arrive or are under way may hold together, and 100 bytes for each of their JSON values; past it the largest that arrive are refused with 429. At least twice MAX_BODY_BYTES; memory may be four times as much.',
      ),
    MAX_TEXT_CHARACTERS: wholeNumber(1, 100_000_000)
      .prefault('100000')
      .describe('Length of the query, the instruction or one document, in UTF-16 code units.'),
    MAX_JSON_DEPTH: wholeNumber(4, 1_000).prefault('20').describe('Levels that a request body may be nested.'),
    MAX_BACKLOG_BYTES: wholeNumber(10_000_000, 1_000_000_000_000)
      .prefault('256000000')
      .describe(
        'Job data that all gateways together may have in Redis; the same for each gateway, and far below its maxmemory.',
      ),
    MODEL_ALIASES: modelAliases()
      .prefault('')
      .describe(
        'Further names of models, as name=bundle,name2=default, for clients whose model name cannot be changed. They come before the names of bundles.',
      ),
    WAIT_MS: durationMs(waitRangeMs.min, waitRangeMs.max)
      .prefault('300000')
      .describe('How long a request waits for its ranking, unless it says so itself in x-request-timeout-ms.'),
    BODY_TIMEOUT_MS: durationMs(100, 3_600_000)
      .prefault('60000')
      .describe('How long a request body may take to arrive, and its answer to be read.'),
    HEADERS_TIMEOUT_MS: durationMs(100, 600_000)
      .prefault('15000')
      .describe('How long the headers of a request may take to arrive.'),
    KEEP_ALIVE_MS: durationMs(0, 3_600_000)
      .prefault('75000')
      .describe('How long an idle connection stays open: longer than a load balancer in front keeps it.'),
    FEEDBACK_MEMORY: wholeNumber(0, 10_000_000)
      .prefault('10000')
      .describe('Rankings that are remembered for feedback, some hundred bytes each; the oldest is forgotten first.'),
    GRAFANA_URL: webAddress().describe(
      'Address of Grafana, as a browser reaches it: a link of the page and of /v1/fleet.',
    ),
    QUEUE_BOARD_URL: webAddress().describe('Address of the queue board, likewise.'),
    DRAIN_LIMIT_MS: durationMs(0, 600_000)
      .prefault('8000')
      .describe('After SIGTERM: how long requests that are under way may still be answered.'),
    LOG_LEVEL: logLevel().default('info').describe('Least severe level that is logged.'),
  })
  .superRefine(({ MAX_BODY_BYTES, MAX_HELD_BYTES }, context) => {
    if (MAX_HELD_BYTES >= 2 * MAX_BODY_BYTES) return;
    context.addIssue({ code: 'custom', path: ['MAX_HELD_BYTES'], message: 'is less than twice MAX_BODY_BYTES' });
  });

/** What the HTTP edge is configured by. */
export interface EdgeConfig {
  apiKeys: readonly Secret[];
  trustedNetworks: readonly string[];
  /** Origins whose pages may call the API. */
  allowedOrigins: readonly string[];
  maxDocuments: number;
  maxBodyBytes: number;
  /** What all bodies may hold together. */
  maxHeldBytes: number;
  maxTextCharacters: number;
  maxJsonDepth: number;
  /** Names that mean a bundle, or the default one, whatever bundles are called. */
  modelAliases: ModelAliases;
  waitMs: number;
  bodyTimeoutMs: number;
  headersTimeoutMs: number;
  keepAliveMs: number;
  /** Rankings that are remembered for feedback. */
  feedbackMemory: number;
  /** Where people look further. */
  links: { grafana: string | undefined; queueBoard: string | undefined };
}

/** A gateway's configuration. */
export type GatewayConfig = z.infer<typeof configSchema>;

export function edgeConfig(values: GatewayConfig): EdgeConfig {
  return {
    apiKeys: values.API_KEYS,
    trustedNetworks: values.TRUSTED_NETWORKS,
    allowedOrigins: values.ALLOWED_ORIGINS,
    maxDocuments: values.MAX_DOCUMENTS,
    maxBodyBytes: values.MAX_BODY_BYTES,
    maxHeldBytes: values.MAX_HELD_BYTES,
    maxTextCharacters: values.MAX_TEXT_CHARACTERS,
    maxJsonDepth: values.MAX_JSON_DEPTH,
    modelAliases: new Map(values.MODEL_ALIASES.map(aliasOf).map(([name = '', target = '']) => [name, target])),
    waitMs: values.WAIT_MS,
    bodyTimeoutMs: values.BODY_TIMEOUT_MS,
    headersTimeoutMs: values.HEADERS_TIMEOUT_MS,
    keepAliveMs: values.KEEP_ALIVE_MS,
    feedbackMemory: values.FEEDBACK_MEMORY,
    links: { grafana: values.GRAFANA_URL, queueBoard: values.QUEUE_BOARD_URL },
  };
}
