import type { Operation } from './description';

/** The kinds of random requests. All other kinds come from fixed tables. */
export type RandomKind = 'field' | 'json' | 'encoding' | 'header' | 'method' | 'path';

/**
 * All kinds: `example` is valid, `raw` is malformed or ambiguous HTTP, `key` tries to bypass the API key, and `costly`
 * is small but expensive to process.
 */
type CaseKind = RandomKind | 'example' | 'raw' | 'key' | 'costly';

/** One request and its allowed answers. */
export interface FuzzCase {
  kind: CaseKind;
  /** The gateway that gets the request: without or with API keys. */
  gateway: 'open' | 'keyed';
  bytes: Buffer;
  /** Unique text that occurs in every text of the request. */
  marker: string;
  /** Operation whose statuses are allowed; undefined: no operation is known for certain. */
  operation: Operation | undefined;
  /** Further allowed statuses. */
  also: readonly number[];
  /** Whether the request is complete, so that it must be answered. */
  isWhole: boolean;
  /** Whether the answer has no body, like that of HEAD. */
  bodiless: boolean;
  /** Whether the connection can be reused for the next request. */
  keepsConnection: boolean;
  /** Whether the gateway must close the connection after its answer, because the rest of the input is ambiguous. */
  mustClose: boolean;
}

/** A case of a fixed table. */
export type NamedCase = FuzzCase & { name: string };

/** A request before it is serialised. */
export interface Draft {
  method: string;
  target: string;
  /** Without `host`, and without `content-length`, which is added for a body. */
  headers: readonly (readonly [name: string, value: string])[];
  body: Buffer | undefined;
}

/** The bytes of a request with the correct `content-length`. */
export function bytesOf({ method, target, headers, body }: Draft, host: string): Buffer {
  const all = [
    ['host', host] as const,
    ...headers,
    ...(body === undefined ? [] : [['content-length', String(body.length)] as const]),
  ];
  const head = [`${method} ${target} HTTP/1.1`, ...all.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  // latin1 keeps bytes unchanged
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body ?? Buffer.alloc(0)]);
}

/** A case with one answer on a connection that stays open. */
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
