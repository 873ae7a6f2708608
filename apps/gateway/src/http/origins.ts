import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { Exchange, Reply } from './exchange';

/** The rules for requests of browser pages. */
export interface OriginRules {
  /**
   * True for a browser's request from a page that may not use the API without a key: otherwise any page that a user
   * visits could use the gateway. Requests of other programs do not have these headers.
   */
  isForeign(headers: IncomingHttpHeaders): boolean;
  /**
   * Sets the CORS headers for pages of allowed origins. Returns the answer if the request is a preflight.
   *
   * @param method the method of the route
   */
  applyCors(exchange: Exchange, method: 'GET' | 'POST'): Reply | undefined;
}

/** Headers of an answer that a page may read. */
const exposedHeaders = [
  'x-request-id',
  'x-model',
  'x-total-time',
  'x-queue-time',
  'x-tokenization-time',
  'x-inference-time',
  'x-compute-tokens',
  'x-truncated-documents',
  'x-warnings',
  'retry-after',
].join(', ');

/** Headers that a page may always send. Others are allowed when the preflight asks for them. */
const usualHeaders = [
  'authorization',
  'content-type',
  'content-encoding',
  'x-api-key',
  'api-key',
  'x-request-timeout-ms',
];
const preflightLifetimeS = 600;

/** @param allowedOrigins as browsers send them: scheme, host, and the port unless it is the scheme's default */
export function createOriginRules(allowedOrigins: readonly string[]): OriginRules {
  const allowed = new Set(allowedOrigins);
  const allowedNames = new Set(allowedOrigins.map((origin) => new URL(origin).hostname));
  const isAllowed = (origin: string | undefined): origin is string => origin !== undefined && allowed.has(origin);
  return {
    isForeign(headers) {
      const { origin, host = '' } = headers;
      if (isAllowed(origin)) return false;
      const site = headers['sec-fetch-site'];
      if (site === 'cross-site' || site === 'same-site') return true;
      return origin !== undefined && !(isOriginOf(origin, host) && isOwnName(nameOf(host), allowedNames));
    },
    applyCors({ request: { headers, method: sent }, response }, method) {
      if (allowed.size === 0) return undefined;
      response.setHeader('vary', 'origin');
      const { origin } = headers;
      if (!isAllowed(origin)) return undefined;
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', exposedHeaders);
      if (sent !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return undefined;
      return {
        status: 204,
        headers: {
          'access-control-allow-methods': method,
          'access-control-allow-headers': allowedHeaders(headers['access-control-request-headers']).join(', '),
          'access-control-max-age': preflightLifetimeS,
        },
      };
    },
  };
}

function allowedHeaders(asked = ''): string[] {
  const names = asked.split(',').map((name) => name.trim().toLowerCase());
  return [...new Set([...usualHeaders, ...names.filter((name) => /^[\w-]{1,100}$/.test(name))])];
}

/** The scheme is ignored, because a proxy may have terminated TLS. */
function isOriginOf(origin: string, host: string): boolean {
  return URL.canParse(origin) && withoutUsualPort(new URL(origin).host) === withoutUsualPort(host.toLowerCase());
}

function withoutUsualPort(host: string): string {
  return host.replace(/:(?:80|443)$/, '');
}

/** The name of a `Host` header, without the port and without the brackets of an IPv6 address. */
function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}

/**
 * Whether a page under this name can only be the gateway's own. The owner of a domain can point its name to this
 * gateway, and a page of theirs then has the gateway's origin (DNS rebinding). Addresses and names that are not domains
 * have no such owner.
 */
function isOwnName(name: string, allowedNames: ReadonlySet<string>): boolean {
  return isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost') || allowedNames.has(name);
}

/** Whether a text is one web origin as browsers send it. Patterns are not. */
export function isWebOrigin(text: string): boolean {
  return /^https?:[^*]*$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
