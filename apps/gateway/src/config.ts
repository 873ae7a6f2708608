import {
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
      refuse(`holds a name of more than ${maxNameCharacters} characters, the limit for a request`);
    else if (names.size < pairs.length) refuse('has a name more than once');
    else if ([...names].some(isDefaultName)) refuse('redefines a name of the default model');
    else if (pairs.some(([, target = '']) => names.has(target))) refuse('maps to a name that is itself an alias');
  });

function aliasOf(entry: string): string[] {
  return entry.split('=').map((part) => part.trim());
}

const origins = list().superRefine((texts, context) => {
  if (texts.every(isWebOrigin)) return;
  context.addIssue({ code: 'custom', message: 'has an entry that is not an origin such as https://app.example.org' });
});

/** Used as a link on the page, so only HTTP is accepted. */
const webAddress = () =>
  z.url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' }).optional();

/** Every variable that configures a gateway. Defaults are written as in the environment. */
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
        'Accepted API keys. Clients send one as Authorization (with or without Bearer), x-api-key or api-key. Empty: no key needed.',
      ),
    TRUSTED_NETWORKS: networks()
      .prefault('')
      .describe(
        'Networks (CIDR) whose callers need no key, for clients that cannot send one. Behind a proxy, the caller is the proxy.',
      ),
    ALLOWED_ORIGINS: origins
      .prefault('')
      .describe(
        "Origins whose pages may call the API from a browser (CORS), such as https://app.example.org. Without API keys, also list the gateway's own address if it is a domain name.",
      ),
    MAX_DOCUMENTS: wholeNumber(1, 100_000).prefault('1000').describe('Maximum number of documents per request.'),
    MAX_BODY_BYTES: wholeNumber(1_024, 250_000_000)
      .prefault('10000000')
      .describe('Maximum size of a request body after decompression.'),
    MAX_HELD_BYTES: wholeNumber(2_048, 1_000_000_000_000)
      .prefault('80000000')
      .describe(
        'Maximum for the bodies of all current requests together, with 100 bytes added per JSON value. Above it, the largest bodies that are still arriving are refused with 429. At least twice MAX_BODY_BYTES. Memory use can be four times as much.',
      ),
    MAX_TEXT_CHARACTERS: wholeNumber(1, 100_000_000)
      .prefault('100000')
      .describe('Maximum length of the query, the instruction or one document, in UTF-16 code units.'),
    MAX_JSON_DEPTH: wholeNumber(4, 1_000).prefault('20').describe('Maximum nesting depth of a request body.'),
    MAX_BACKLOG_BYTES: wholeNumber(10_000_000, 1_000_000_000_000)
      .prefault('256000000')
      .describe(
        'Maximum job data of all gateways together in Redis. Set the same value for every gateway, far below maxmemory of Redis.',
      ),
    MODEL_ALIASES: modelAliases()
      .prefault('')
      .describe(
        'Additional model names, as name=bundle,name2=default, for clients whose model name cannot be changed. They take precedence over bundle names.',
      ),
    WAIT_MS: durationMs(waitRangeMs.min, waitRangeMs.max)
      .prefault('300000')
      .describe('How long a request waits for its ranking, unless it sets x-request-timeout-ms.'),
    BODY_TIMEOUT_MS: durationMs(100, 3_600_000)
      .prefault('60000')
      .describe('Time limit for a request body to arrive, and for its answer to be read.'),
    HEADERS_TIMEOUT_MS: durationMs(100, 600_000)
      .prefault('15000')
      .describe('Time limit for the headers of a request to arrive.'),
    KEEP_ALIVE_MS: durationMs(0, 3_600_000)
      .prefault('75000')
      .describe(
        'How long an idle connection stays open. Set it longer than the idle timeout of a load balancer in front.',
      ),
    FEEDBACK_MEMORY: wholeNumber(0, 10_000_000)
      .prefault('10000')
      .describe('Number of rankings kept for feedback, some hundred bytes each. The oldest is dropped first.'),
    GRAFANA_URL: webAddress().describe('Address of Grafana for browsers; linked from the page and in /v1/fleet.'),
    QUEUE_BOARD_URL: webAddress().describe(
      'Address of the queue board for browsers; linked from the page and in /v1/fleet.',
    ),
    DRAIN_LIMIT_MS: durationMs(0, 600_000)
      .prefault('8000')
      .describe('Time after SIGTERM in which current requests are still answered.'),
    LOG_LEVEL: logLevel().default('info').describe('Minimum severity of logged lines.'),
  })
  .superRefine(({ MAX_BODY_BYTES, MAX_HELD_BYTES }, context) => {
    if (MAX_HELD_BYTES >= 2 * MAX_BODY_BYTES) return;
    context.addIssue({ code: 'custom', path: ['MAX_HELD_BYTES'], message: 'is less than twice MAX_BODY_BYTES' });
  });

/** A gateway's configuration. */
export type GatewayConfig = z.infer<typeof configSchema>;

/** The configuration of the HTTP application. */
export type EdgeConfig = Readonly<ReturnType<typeof edgeConfig>>;

export function edgeConfig(values: GatewayConfig) {
  const aliases = values.MODEL_ALIASES.map(aliasOf).map(([name = '', target = '']) => [name, target] as const);
  return {
    apiKeys: values.API_KEYS,
    trustedNetworks: values.TRUSTED_NETWORKS,
    allowedOrigins: values.ALLOWED_ORIGINS,
    maxDocuments: values.MAX_DOCUMENTS,
    maxBodyBytes: values.MAX_BODY_BYTES,
    /** The most bytes that all bodies together may hold. */
    maxHeldBytes: values.MAX_HELD_BYTES,
    maxTextCharacters: values.MAX_TEXT_CHARACTERS,
    maxJsonDepth: values.MAX_JSON_DEPTH,
    /** Operator-defined names of bundles or of the default model. They take precedence over bundle names. */
    modelAliases: new Map(aliases) as ModelAliases,
    waitMs: values.WAIT_MS,
    bodyTimeoutMs: values.BODY_TIMEOUT_MS,
    headersTimeoutMs: values.HEADERS_TIMEOUT_MS,
    keepAliveMs: values.KEEP_ALIVE_MS,
    /** The number of rankings that are kept for feedback. */
    feedbackMemory: values.FEEDBACK_MEMORY,
    links: { grafana: values.GRAFANA_URL, queueBoard: values.QUEUE_BOARD_URL },
  };
}
