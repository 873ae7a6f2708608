/** An HTTP answer as received. */
export interface RawResponse {
  status: number;
  /** By lower-case name. Values of a repeated header are joined by commas. */
  headers: ReadonlyMap<string, string>;
  /** Status line and headers as received. */
  head: string;
  /** The body without chunk framing. */
  body: Buffer;
}

/** The start of a buffer: a complete answer and its size, the beginning of an answer, or something else. */
export type Parsed = { state: 'whole'; response: RawResponse; sizeBytes: number } | { state: 'part' | 'garbage' };

/** Information that the bytes do not contain. */
export interface ParseOptions {
  /** Whether the answer has no body, regardless of its headers, as for HEAD. */
  bodiless: boolean;
  /** Whether the connection has ended, so that an answer without a length is complete. */
  ended: boolean;
}

const headEnd = '\r\n\r\n';
const headLimitBytes = 65_536;

/** Parses the answer at the start of a buffer and skips informational answers (100 to 199). */
export function parseResponse(bytes: Buffer, options: ParseOptions): Parsed {
  for (let from = 0; ;) {
    const parsed = parseOne(bytes.subarray(from), options);
    if (parsed.state !== 'whole') return parsed;
    from += parsed.sizeBytes;
    if (parsed.response.status >= 200) return { ...parsed, sizeBytes: from };
  }
}

function parseOne(bytes: Buffer, options: ParseOptions): Parsed {
  const start = bytes.toString('latin1', 0, 5);
  if (!'HTTP/'.startsWith(start)) return { state: 'garbage' };
  const headSize = bytes.indexOf(headEnd);
  if (headSize === -1) return { state: bytes.length > headLimitBytes ? 'garbage' : 'part' };
  const head = bytes.toString('latin1', 0, headSize);
  const [line = '', ...lines] = head.split('\r\n');
  const status = Number(/^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(line)?.[1]);
  if (Number.isNaN(status)) return { state: 'garbage' };
  const headers = readHeaders(lines);
  const from = headSize + headEnd.length;
  const framed = options.bodiless || status < 200 || status === 204 || status === 304;
  const body = framed ? { content: Buffer.alloc(0), end: 0 } : readBody(bytes.subarray(from), headers, options.ended);
  if (typeof body === 'string') return { state: body };
  return { state: 'whole', response: { status, headers, head, body: body.content }, sizeBytes: from + body.end };
}

function readHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

type Body = { content: Buffer; end: number } | 'part' | 'garbage';

function readBody(bytes: Buffer, headers: ReadonlyMap<string, string>, ended: boolean): Body {
  if (headers.get('transfer-encoding') === 'chunked') return readChunks(bytes);
  const length = headers.get('content-length');
  if (length === undefined) return ended ? { content: bytes, end: bytes.length } : 'part';
  if (!/^\d+$/.test(length)) return 'garbage';
  const end = Number(length);
  return bytes.length < end ? 'part' : { content: bytes.subarray(0, end), end };
}

function readChunks(bytes: Buffer): Body {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return 'part';
    const size = /^([0-9a-f]+)(?:;|$)/i.exec(bytes.toString('latin1', at, lineEnd))?.[1];
    if (size === undefined) return 'garbage';
    const from = lineEnd + 2;
    const end = from + Number.parseInt(size, 16);
    if (bytes.length < end + 2) return 'part';
    at = end + 2;
    if (end === from) return { content: Buffer.concat(chunks), end: at };
    chunks.push(bytes.subarray(from, end));
  }
}

/** The JSON value of a body; undefined when it is not JSON. */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
