import { type NamedCase, usualCase } from './fuzz-case';

/** A request that parsers may read in different ways, or not at all. */
interface RawRequest {
  name: string;
  /** One character per byte. */
  text: string;
  /**
   * `refused`: the end or the meaning of the request is ambiguous, so neither it nor anything after it on the
   * connection may be served. `read`: the request is unusual but unambiguous, so it may be answered normally.
   */
  must: 'refused' | 'read';
  /** The required status, if it is certain. */
  status?: number;
}

const json = '{"query":"q","documents":["d"]}';
const chunked = `${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`;
/** Bytes that a parser reads as a second request if it ends the first one too early. */
const hidden = 'GET /v1/fleet HTTP/1.1\r\nhost: hidden\r\n\r\n';

function post(host: string, headers: string, body: string): string {
  return `POST /v1/rerank HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n${headers}\r\n${body}`;
}

const codingSpellings = [
  ...['Transfer-Encoding: chunked', 'transfer-encoding:chunked', 'Transfer-Encoding:\tchunked'],
  ...['Transfer-Encoding: CHUNKED', 'Transfer-Encoding: chunked ', 'Transfer-Encoding: xchunked'],
  ...['Transfer-Encoding: chunked, identity', 'Transfer-Encoding: identity, chunked'],
  ...['Transfer-Encoding: chunked, chunked', 'Transfer-Encoding: "chunked"', 'Transfer-Encoding: chunked;q=1'],
  ...['Transfer-Encoding: gzip, chunked', 'Transfer-Encoding: identity', 'Transfer-Encoding : chunked'],
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity',
  'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked',
  ...[' Transfer-Encoding: chunked', 'Transfer-Encoding\x0b: chunked', 'Transfer-Encoding:\x0bchunked'],
  ...['X: y\nTransfer-Encoding: chunked', 'X: y\rTransfer-Encoding: chunked', 'Transfer-Encoding: chunked\x00'],
  ...['Transfer-Encoding\x00: chunked', 'Transfer-Encoding:\r\n chunked', 'Transfer-Encoding: chun\r\n ked'],
  'TE: chunked\r\nTransfer-Encoding: chunked',
];

/** Both a length and chunks. By the length, the hidden request is part of the body; by the chunks, it is not. */
function lengthsAndChunks(host: string): RawRequest[] {
  const body = `0\r\n\r\n${hidden}`;
  const length = `content-length: ${body.length}\r\n`;
  return codingSpellings.flatMap((spelling): RawRequest[] => [
    { name: `length, then ${spelling}`, text: post(host, `${length}${spelling}\r\n`, body), must: 'refused' },
    { name: `${spelling}, then length`, text: post(host, `${spelling}\r\n${length}`, body), must: 'refused' },
  ]);
}

/** Chunks without a length, with a transfer coding other than plain `chunked`. */
function codings(host: string): RawRequest[] {
  const all = ['xchunked', 'identity', '', 'chunked, identity', 'chunked, gzip', 'chunked\x00', '"chunked"'];
  return all.map((coding) => ({
    name: `transfer-encoding: ${coding}`,
    text: post(host, `transfer-encoding: ${coding}\r\n`, chunked + hidden),
    must: 'refused',
  }));
}

function lengths(host: string): RawRequest[] {
  const size = String(json.length);
  const lines = [
    ...[`: ${size}\r\ncontent-length: ${size}`, `: ${size}\r\ncontent-length: 0`, `: 0\r\ncontent-length: ${size}`],
    ...[`: ${size}, ${size}`, `: ${size}, 0`, `: +${size}`, `: -${size}`, ': -0', ': 0x1f', `: ${size}.0`, ': 3e1'],
    ...[`: ${size} 0`, `: ${size}a`, ': ', ':  ', `: 18446744073709551616${size}`, `: ${size}\x00`, `: ${size}\x0b`],
    ...[` : ${size}`, `:\r\n ${size}`, `: ${size}\nx: y`],
  ];
  return lines.map((line) => ({
    name: `content-length${line}`,
    text: post(host, `content-length${line}\r\n`, json + hidden),
    must: 'refused',
  }));
}

function chunks(host: string): RawRequest[] {
  const size = json.length.toString(16);
  const bodies: [name: string, body: string][] = [
    ['a size with 0x', `0x${size}\r\n${json}\r\n0\r\n\r\n`],
    ['a size with a sign', `+${size}\r\n${json}\r\n0\r\n\r\n`],
    ['a negative size', `-${size}\r\n${json}\r\n0\r\n\r\n`],
    ['a space before the size', ` ${size}\r\n${json}\r\n0\r\n\r\n`],
    ['a size of no digits', `\r\n${json}\r\n0\r\n\r\n`],
    ['a size of other letters', `xyz\r\n${json}\r\n0\r\n\r\n`],
    ['a size past 64 bits', `1000000000000000${size}\r\n${json}\r\n0\r\n\r\n`],
    ['a size that ends with LF', `${size}\n${json}\r\n0\r\n\r\n`],
    ['a size that ends with CR', `${size}\r${json}\r\n0\r\n\r\n`],
    ['data that ends with LF', `${size}\r\n${json}\n0\r\n\r\n`],
    ['data that ends with nothing', `${size}\r\n${json}0\r\n\r\n`],
    ['more data than the size', `${size}\r\n${json}xx\r\n0\r\n\r\n`],
    ['an extension with LF', `${size};a\nb\r\n${json}\r\n0\r\n\r\n`],
    ['an extension with NUL', `${size};a\x00\r\n${json}\r\n0\r\n\r\n`],
    ['an end with LF', `${size}\r\n${json}\r\n0\n\n`],
    ['a NUL in the size', `${size}\x00\r\n${json}\r\n0\r\n\r\n`],
  ];
  return bodies.map(([name, body]) => ({
    name: `chunks with ${name}`,
    text: post(host, 'transfer-encoding: chunked\r\n', body + hidden),
    must: 'refused',
  }));
}

function headersAndLines(host: string): RawRequest[] {
  const get = (line: string, headers = `host: ${host}\r\n`) => `${line}\r\n${headers}\r\n`;
  const refused: [string, string][] = [
    ['a request line that ends with LF', `GET /health HTTP/1.1\nhost: ${host}\r\n\r\n`],
    ['headers that end with LF', `GET /health HTTP/1.1\r\nhost: ${host}\nx: y\n\n`],
    ['HTTP/3.7', get('GET /health HTTP/3.7')],
    ['HTTP/9.9', get('GET /health HTTP/9.9')],
    ['a version of letters', get('GET /health HTTP/x.y')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['NUL in the path', get('GET /hea\x00lth HTTP/1.1')],
    ['NUL in a header', get('GET /health HTTP/1.1', `host: ${host}\r\nx: a\x00b\r\n`)],
    ['NUL in a name', get('GET /health HTTP/1.1', `host: ${host}\r\nx\x00y: a\r\n`)],
    ['a name with a space', get('GET /health HTTP/1.1', `host: ${host}\r\nx y: a\r\n`)],
    ['a header without a colon', get('GET /health HTTP/1.1', `host: ${host}\r\nxy\r\n`)],
    ['a header without a name', get('GET /health HTTP/1.1', `host: ${host}\r\n: a\r\n`)],
    ['a space in the path', get('GET /health /x HTTP/1.1')],
    ['a lower-case method', get('get /health HTTP/1.1')],
    ['a TLS hello', `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${'\x00'.repeat(64)}\r\n\r\n`],
    ['mail', 'EHLO mail\r\nMAIL FROM: <a@b>\r\n\r\n'],
    ['bytes at random', '\xff\xfe\x80\x01\x02\r\n\r\n\r\n'],
  ];
  const read: [string, string][] = [
    ['a folded header', get('GET /health HTTP/1.1', `host: ${host}\r\nx: a\r\n b\r\n`)],
    ['HTTP/0.9', 'GET /health\r\n\r\n'],
    ['HTTP/1.0', get('GET /health HTTP/1.0')],
    ['a protocol that looks like HTTP', get('GET /health RTSP/1.0')],
    ['3,000 headers', get('GET /health HTTP/1.1', `host: ${host}\r\n${'x: y\r\n'.repeat(3_000)}`)],
    ['HTTP/1.0 without a host', get('GET /health HTTP/1.0', '')],
    ['two hosts', get('GET /health HTTP/1.1', `host: ${host}\r\nhost: other\r\n`)],
    ['line ends before the request', `\r\n\r\n${get('GET /health HTTP/1.1')}`],
    ['an upgrade to HTTP/2', get('GET /health HTTP/1.1', `host: ${host}\r\nupgrade: h2c\r\nconnection: upgrade\r\n`)],
    ['a GET with a body', get('GET /health HTTP/1.1', `host: ${host}\r\ncontent-length: 2\r\n`) + '{}'],
    ['bytes past ASCII in a header', get('GET /health HTTP/1.1', `host: ${host}\r\nx: \xe9\xff\r\n`)],
    ['a length past 2^63', post(host, 'content-length: 9223372036854775808\r\n', json + hidden)],
    ['no coding, then a length', post(host, `transfer-encoding: \r\ncontent-length: ${json.length}\r\n`, json)],
    [
      'trailers',
      post(
        host,
        'transfer-encoding: chunked\r\n',
        `${chunked.slice(0, -2)}authorization: x\r\ncontent-length: 3\r\n\r\n`,
      ),
    ],
  ];
  return [
    ...refused.map(([name, text]): RawRequest => ({ name, text, must: 'refused' })),
    ...read.map(([name, text]): RawRequest => ({ name, text, must: 'read' })),
  ];
}

/** Requests that frameworks answer themselves, without a body or with their own page, or not at all. */
function belowRoutes(host: string): RawRequest[] {
  const own = `host: ${host}\r\n`;
  const get = (target: string, headers = own) => `GET ${target} HTTP/1.1\r\n${headers}\r\n`;
  const long = 'hidden'.repeat(3_400);
  const refused: [name: string, text: string, status: number][] = [
    ['no host', get('/health', ''), 400],
    ['no host and a body', post(host, `content-length: ${json.length}\r\n`, json).replace(own, ''), 400],
    ['a header of 20,000 bytes', get('/health', `${own}x: ${long}\r\n`), 431],
    ['20,000 bytes of headers', get('/health', own + 'hidden: hidden\r\n'.repeat(1_700)), 431],
    ['the name of a header with 20,000 bytes', get('/health', `${own}${long}: x\r\n`), 431],
    ['a path of 20,000 bytes', get(`/${long}`), 431],
    ['a query string of 20,000 bytes', get(`/health?${long}`), 431],
    ['headers that do not end', `GET /health HTTP/1.1\r\n${own}`, 408],
    ['a tunnel', `CONNECT hidden:443 HTTP/1.1\r\n${own}\r\n`, 400],
    ['a tunnel to a path', `CONNECT /health HTTP/1.1\r\n${own}\r\n`, 400],
    ['a word', get('hidden'), 400],
    ['a host and a port', get('hidden:443'), 400],
    ...['http://[::1/health', 'http://hidden:99999/health', 'http://?hidden', 'http://hid%zzden/health'].map(
      (target): [string, string, number] => [target, get(target), 400],
    ),
    ...['ftp://hidden/health', 'ws://hidden/health', 'javascript://hidden/health'].map(
      (target): [string, string, number] => [target, get(target), 400],
    ),
  ];
  const read: [name: string, text: string, status: number][] = [
    ...['hidden', '', '200-ok', '100-continu', '100-continue2', 'x=y'].map((value): [string, string, number] => [
      `expect: ${value}`,
      get('/health', `${own}expect: ${value}\r\n`),
      417,
    ]),
    ['an expectation that is met', get('/health', `${own}expect: 100-continue\r\n`), 200],
    ['an address that parsers disagree on', get('http://user%@hidden/hidden'), 404],
    ['an address without a path', get('http://hidden'), 200],
    ['an address with a query string alone', get('http://hidden?hidden'), 200],
    ['an asterisk', get('*'), 404],
    ['all options', `OPTIONS * HTTP/1.1\r\n${own}\r\n`, 404],
    ['a trace', `TRACE /health HTTP/1.1\r\n${own}\r\n`, 405],
    ['a broken percent sign', get('/docs/%'), 422],
    ['a backslash', get('/\\hidden\\..'), 404],
    ['an upgrade to nothing known', get('/hidden', `${own}upgrade: hidden\r\nconnection: upgrade\r\n`), 404],
  ];
  const all = (must: RawRequest['must'], of: typeof read) =>
    of.map(([name, text, status]): RawRequest => ({ name, text, must, status }));
  return [...all('refused', refused), ...all('read', read)];
}

function statusesOf({ must, status }: RawRequest): readonly number[] {
  if (status !== undefined) return [status];
  return must === 'refused' ? [400, 408, 411, 413, 414, 431, 501, 505] : [200, 400, 404, 405, 413];
}

/** Malformed or ambiguous HTTP. A gateway answers each at most once, and serves none whose end is ambiguous. */
export function rawCases(host: string): NamedCase[] {
  const requests = [lengthsAndChunks, codings, lengths, chunks, headersAndLines, belowRoutes].flatMap((make) =>
    make(host),
  );
  return requests.map((request) => ({
    ...usualCase({ kind: 'raw', bytes: Buffer.from(request.text, 'latin1'), marker: 'hidden', operation: undefined }),
    name: request.name,
    also: statusesOf(request),
    keepsConnection: false,
    mustClose: request.must === 'refused',
  }));
}
