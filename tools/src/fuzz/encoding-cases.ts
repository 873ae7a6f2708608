import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { Chooser } from '../chaos/request-mix';
import { type CaseContext, bodyOperations, goodBody, postOf } from './body-cases';
import { type Draft, type FuzzCase, bytesOf, usualCase } from './fuzz-case';

/** A valid body in another encoding: compressed (validly or not), in another character set, or in chunks. */
export function encodingCase(context: CaseContext): FuzzCase {
  const { targets, choose, marker } = context;
  const operation = choose.one(bodyOperations(targets.description));
  const good = Buffer.from(JSON.stringify(goodBody(context, choose.one(operation.bodies))));
  const draft = postOf(operation, context, good);
  const form = choose.one([compressed, compressed, inCharset, inChunks, inChunks]);
  const { bytes, isWhole } = form(choose, { ...draft, body: good }, targets.hosts.open);
  return {
    ...usualCase({ kind: 'encoding', bytes, marker, operation }),
    isWhole,
    keepsConnection: false,
  };
}

type GoodDraft = Draft & { body: Buffer };
interface Formed {
  bytes: Buffer;
  /** Whether the sent bytes are a complete request. */
  isWhole: boolean;
}

function withHeader(draft: GoodDraft, name: string, value: string): GoodDraft {
  return { ...draft, headers: [...draft.headers, [name, value]] };
}

function compressed(choose: Chooser, draft: GoodDraft, host: string): Formed {
  const { body } = draft;
  const gzip = gzipSync(body);
  const middle = choose.between(1, gzip.length - 1);
  const forms: readonly (readonly [encoding: string, body: Buffer])[] = [
    ['gzip', gzip],
    ['x-gzip', gzip],
    ['GZIP', gzip],
    [' gzip ', gzip],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['deflate', gzip],
    ['gzip', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['zstd', body],
    ['compress', body],
    ['identity', body],
    ['identity', gzip],
    ['', gzip],
    ['', body],
    ['gzip', body],
    ['gzip', Buffer.alloc(0)],
    ['gzip', gzip.subarray(0, middle)],
    ['gzip', Buffer.concat([gzip, Buffer.from('rest')])],
    ['gzip', Buffer.concat([gzip, gzip])],
    ['gzip', gzipSync(gzip)],
    ['gzip, gzip', gzipSync(gzip)],
    ['gzip, identity', gzip],
    [
      'gzip',
      Buffer.concat([gzip.subarray(0, middle), Buffer.from([choose.between(0, 255)]), gzip.subarray(middle + 1)]),
    ],
    ['gzip', gzipSync(Buffer.alloc(choose.one([1_000, 1_000_000]), ' '))],
  ];
  const [encoding, bytes] = choose.one(forms);
  return { bytes: bytesOf({ ...withHeader(draft, 'content-encoding', encoding), body: bytes }, host), isWhole: true };
}

function inCharset(choose: Chooser, draft: GoodDraft, host: string): Formed {
  const text = draft.body.toString('utf8');
  const little = Buffer.from(text, 'utf16le');
  const big = Buffer.from(little).swap16();
  const bom = { little: Buffer.from([0xff, 0xfe]), big: Buffer.from([0xfe, 0xff]) };
  const body = choose.one([
    little,
    big,
    Buffer.concat([bom.little, little]),
    Buffer.concat([bom.big, big]),
    Buffer.from(text.replace(/"query":"/, '"query":"é'), 'latin1'),
    Buffer.from(text, 'base64'),
    Buffer.from([...text].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 0])),
    draft.body,
  ]);
  const type = choose.one([
    ...['application/json; charset=utf-16', 'application/json; charset=utf-16le', 'application/json;charset=latin1'],
    ...[
      'application/json; charset="utf-8"',
      'application/json; charset=UTF8; charset=utf-16',
      'application/json; charset=',
    ],
    ...[
      'application/json',
      'application/json;',
      'text/json',
      'application/vnd.api+json',
      'application/json; charset=us-ascii',
    ],
  ]);
  return { bytes: bytesOf({ ...draft, headers: [['content-type', type]], body }, host), isWhole: true };
}

function inChunks(choose: Chooser, draft: GoodDraft, host: string): Formed {
  const { body } = draft;
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = Math.min(body.length, at + choose.between(1, 40));
    const extension = choose.happens(0.1) ? choose.one([';a', ';a=b', ';a="b"']) : '';
    const size = (end - at).toString(16);
    const line = choose.one([size, size.toUpperCase(), `0${size}`]) + extension;
    chunks.push(Buffer.from(`${line}\r\n`), body.subarray(at, end), Buffer.from('\r\n'));
    at = end;
  }
  const endings = [
    '0\r\n\r\n',
    '0\r\nx-late: 1\r\n\r\n',
    '000\r\n\r\n',
    '',
    '0\r\n',
    'g\r\n\r\n',
    '-1\r\n\r\n',
    '\r\n',
  ];
  const ending = choose.happens(0.6) ? '0\r\n\r\n' : choose.one(endings);
  const head = bytesOf({ ...withHeader(draft, 'transfer-encoding', 'chunked'), body: undefined }, host);
  return { bytes: Buffer.concat([head, ...chunks, Buffer.from(ending)]), isWhole: ending === '0\r\n\r\n' };
}
