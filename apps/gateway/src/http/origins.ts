import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { Exchange, Reply } from './exchange';

/** What a gateway makes of the origin of a page that a browser sends a request for. */
export interface OriginRules {
  /**
   * True for a request that a browser sends for a page which may not use the gateway without a key: any page that its
   * user visits could otherwise make the gateway work. Requests of other programs have none of these headers.
   */
  isForeign(headers: IncomingHttpHeaders): boolean;
  /**
   * Tells the browser that a page of an allowed origin may read the answer of an API route. Returns the answer where the
   * request only asks whether such a page may send another.
   *
   * @param method by which the route is used
   */
  meet(exchange: Exchange, method: 'GET' | 'POST'): Reply | undefined;
}

/** What a page may read of an answer. */
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

/** What a page may always send; what its client library adds beside is allowed as it asks for it. */
const usualHeaders = [
  'authorization',
  'content-type',
  'content-encoding',
  'x-api-key',
  'api-key',
  'x-request-timeout-ms',
];
const preflightLifetimeS = 600;

/** @param allowedOrigins as browsers write them: scheme, host, and port where it is not the scheme's own */
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
    meet({ request: { headers, method: sent }, response }, method) {
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

/** The scheme is left out: a proxy may have taken TLS away. */
function isOriginOf(origin: string, host: string): boolean {
  return URL.canParse(origin) && withoutUsualPort(new URL(origin).host) === withoutUsualPort(host.toLowerCase());
}

function withoutUsualPort(host: string): string {
  return host.replace(/:(?:80|443)$/, '');
}

/** The name of a `Host` header, without its port and without the brackets of an IPv6 address. */
function nameOf(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}

/**
 * Whether a page under this name is the gateway's own. Whoever owns a domain can have its name point to this gateway, and
 * then a page of theirs has the gateway's origin; an address, or a name that is no domain, is nobody else's.
 */
function isOwnName(name: string, allowedNames: ReadonlySet<string>): boolean {
  return isIP(name) !== 0 || !name.includes('.') || name.endsWith('.localhost') || allowedNames.has(name);
}

/** Whether a text is one origin of the web as browsers write it; a pattern is none. */
export function isWebOrigin(text: string): boolean {
  return /^https?:[^*]*$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}
