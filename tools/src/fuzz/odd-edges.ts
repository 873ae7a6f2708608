import type { Chooser } from '../chaos/request-mix';

/** Splits a line into words. */
export function words(line: string): string[] {
  return line.split(' ');
}

type Header = readonly [name: string, value: string];

/** Unusual or malformed headers. `marker` occurs in all that have room for it. */
export function oddHeaders(choose: Chooser, marker: string): Header[] {
  return [...ownHeaders(choose, marker), ...bodyHeaders(choose, marker), ...proxyHeaders(choose, marker)];
}

/** Headers that a gateway reads. */
function ownHeaders(choose: Chooser, marker: string): Header[] {
  const waits = ['', ' 500 ', '١٠٠', marker, ...words('0 -1 99 1e3 0x64 1.5 NaN Infinity 1e400')];
  const traces = [`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, `00-${'0'.repeat(32)}-${'0'.repeat(16)}-00`, marker, ''];
  const keys = ['', 'Bearer', `Bearer ${marker}`, `Basic ${marker}`, `bearer  ${marker} ${marker}`];
  const cookies = [`rerank_session=${marker}`, '=', ';;;', `__proto__=${marker}`, 'a=b=c'];
  return [
    ['x-request-timeout-ms', choose.one(waits)],
    ['traceparent', choose.one(traces)],
    ['tracestate', `${marker}=1,`.repeat(choose.between(1, 40))],
    ['baggage', `${marker}=1`],
    ['authorization', choose.one(keys)],
    ['x-api-key', marker],
    ['x-request-id', marker],
    ['cookie', choose.one(cookies)],
  ];
}

/** Headers about the content and the accepted answer. */
function bodyHeaders(choose: Chooser, marker: string): Header[] {
  const types = [
    '',
    'application/json, text/plain',
    'multipart/form-data; boundary=x',
    marker,
    ...words('text/plain */* ;'),
  ];
  return [
    ['content-type', choose.one(types)],
    ['content-language', marker],
    ['accept', choose.one(['', marker, ...words('*/* text/html application/xml application/json;q=0')])],
    ['accept-encoding', choose.one(['', marker, ...words('gzip br *;q=0')])],
    ['accept-language', `${marker},`.repeat(choose.between(1, 100))],
    ['expect', choose.one(['', marker, ...words('100-continue 100-Continue 100-continue,x 200-ok 100')])],
    ['range', choose.one(words(`bytes=0- bytes=9-1 bytes=- ${marker}=0-1`))],
    ['if-none-match', choose.one(words(`* "x" W/"${marker}"`))],
    ['if-modified-since', choose.one(['Thu, 01 Jan 1970 00:00:00 GMT', marker, ''])],
    ['te', 'trailers'],
  ];
}

/** Headers of proxies and connections. */
function proxyHeaders(choose: Chooser, marker: string): Header[] {
  return [
    ['x-forwarded-for', `127.0.0.1, ${marker}`],
    ['x-forwarded-host', marker],
    ['x-http-method-override', choose.one(['DELETE', 'GET', marker])],
    ['x-original-url', '/v1/models'],
    ['upgrade', choose.one(['h2c', 'websocket', marker])],
    ['connection', choose.one(words(`close keep-alive upgrade content-length ${marker}`))],
    ['keep-alive', marker],
    ['via', `1.1 ${marker}`],
    [`x-${marker}`, marker],
    ['x-high', '\u00ff\u0080'],
    ['x-long', marker.repeat(choose.one([10, 100, 500, 3_000]))],
  ];
}

/** Strings that are inserted into a path. */
const insertions = words('%2f %2e %00 % %zz %c0%af %ff %u0041 \\ \u00e9 \u00ff ; // /../ ..%2f %252f');

/** Request targets that are similar to a valid one, and some that are invalid. */
export function oddTargets(choose: Chooser, good: string, marker: string): string[] {
  const at = choose.between(0, good.length);
  const inserted = [...insertions, marker].map((text) => good.slice(0, at) + text + good.slice(at));
  const endings = [...words('/ // /. ;a=b ? ?a=% ?__proto__[a]=1'), `?${marker}`, `#${marker}`].map(
    (text) => good + text,
  );
  return [
    ...inserted,
    ...endings,
    ...[good.toUpperCase(), `/${good}`, `/x/..${good}`, `/.${good}`, `//${marker}${good}`, good.replaceAll('/', '%2f')],
    ...[`http://${marker}${good}`, `http://${good}`, `HTTP://h:1${good}`, `https://u:p@h${good}?x`],
    ...[`http://[::1${good}`, `http://${marker}:99999${good}`, `ftp://${marker}${good}`, `http://u%@h${good}`],
    ...[`http://${marker}?${good}`, `//[::1${good}`, `${marker}:443`, `\\${good}`],
    good.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    ...words('* / // /// /. /.. /%2e%2e /v1/ /.env /admin /metrics /robots.txt /favicon.ico'),
    ...words(`/assets/ /assets/${marker} /assets/..%2fmain.js /assets/%00`),
    ...words(`/docs/ /docs/${marker} /docs/../main.js /docs/%2e%2e/main.js`),
    ...words(`/v1/models/ /v1/models/${marker} /v1/models/% /v1/models/%ff`),
    ...words('/v1/retrieval//reranking /v1/retrieval/%/reranking'),
    `/${marker.repeat(choose.one([1, 100, 1_500, 2_000]))}`,
  ];
}
