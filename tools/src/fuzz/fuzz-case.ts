import type { Operation } from './description';

/** The kinds of requests that are made up; of the others there is a fixed table. */
export type RandomKind = 'field' | 'json' | 'encoding' | 'header' | 'method' | 'path';

/**
 * All kinds: `example` is well made, `raw` is hardly HTTP, `key` tries a gateway that asks for one, `costly` is small and
 * would take much.
 */
type CaseKind = RandomKind | 'example' | 'raw' | 'key' | 'costly';

/** One request and what may come of it. */
export interface FuzzCase {
  kind: CaseKind;
  /** Which gateway gets it: one that is open to everybody, or one that asks for a key. */
  gateway: 'open' | 'keyed';
  bytes: Buffer;
  /** In every text of the request, and nowhere else. */
  marker: string;
  /** Whose statuses the answer must have; undefined: that of no operation for certain. */
  operation: Operation | undefined;
  /** Statuses beside those. */
  also: readonly number[];
  /** Whether the request is whole, so that an answer must come. */
  isWhole: boolean;
  /** Whether the answer has no body, as that of HEAD. */
  bodiless: boolean;
  /** Whether the connection can be used for the next request. */
  keepsConnection: boolean;
  /** Whether the gateway must end the connection after its answer: what else comes could be anything. */
  mustClose: boolean;
}

/** A case of a fixed table. */
export type NamedCase = FuzzCase & { name: string };

/** A request for JSON, before it is bytes. */
export interface Draft {
  method: string;
  target: string;
  /** Without `content-length`, which is added for a body, and `host`. */
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer | undefined;
}

/** The bytes of a request, with a right `content-length`. */
export function bytesOf({ method, target, headers, body }: Draft, host: string): Buffer {
  const all = [
    ['host', host] as const,
    ...headers,
    ...(body === undefined ? [] : [['content-length', String(body.length)] as const]),
  ];
  const head = [`${method} ${target} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  // latin1: what is not text goes over the wire as it stands
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

/** The usual case: one answer, on a connection that stays. */
export function usualCase(given: Pick<FuzzCase, 'kind' | 'bytes' | 'marker' | 'operation'>): FuzzCase {
  return {
    gateway: 'open',
    also: [],
    isWhole: true,
    bodiless: false,
    keepsConnection: true,
    mustClose: false,
    ...given,
  };
}
