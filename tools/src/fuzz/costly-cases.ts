import { gzipSync } from 'node:zlib';
import { type CaseContext, bodyOperations, goodBody, postOf } from './body-cases';
import type { Operation } from './description';
import { type NamedCase, bytesOf, usualCase } from './fuzz-case';

/** Creates a case on demand, because all cases together would take hundreds of megabytes. */
export type MakeCase = () => NamedCase;

interface CostlyBody {
  name: string;
  /** The uncompressed body; undefined if it never exists as a whole, in which case `packed` is sent. */
  json?: () => string;
  packed?: () => Buffer;
}

const fill = (count: number, text: string) => Array<string>(count).fill(text).join(',');
const many = (count: number, text: (at: number) => string) => Array.from({ length: count }, (_, at) => text(at)).join();
const nested = (levels: number, [open, close]: readonly [string, string]) => open.repeat(levels) + close.repeat(levels);

/** A body for `/v1/rerank` and similar endpoints with a small answer. The query contains the marker. */
function ranking(marker: string, documents: string, more = ''): string {
  return `{"query":"${marker}","return_documents":false,"documents":[${documents}]${more}}`;
}

/** Each list and text is within its limit, but the work is their product. */
function products(rank: MakeBody): CostlyBody[] {
  const rankFields = (names: string) => `,"rank_fields":[${names}]`;
  const object = (length: number) => `{"a":"${'x'.repeat(length)}"}`;
  return [
    rank(
      '1,000 documents, 100,000 x one rank field',
      () => fill(1_000, object(100)),
      () => rankFields(fill(100_000, '"a"')),
    ),
    rank(
      '1,000 documents, 2,000,000 x a missing rank field',
      () => fill(1_000, '{"b":""}'),
      () => rankFields(fill(2_000_000, '"a"')),
    ),
    rank(
      'a document of 4,000 characters, 200,000 rank fields',
      () => object(4_000),
      () => rankFields(fill(200_000, '"a"')),
    ),
    rank(
      '100 documents of 9,000 characters, 2,000 rank fields',
      () => fill(100, object(9_000)),
      () => rankFields(fill(2_000, '"a"')),
    ),
    rank(
      '100 documents, 2,000 different rank fields',
      () => fill(100, object(9_000)),
      () => rankFields(many(2_000, (at) => `"a${at}"`)),
    ),
    rank(
      '100 documents, 100 rank fields of one text',
      () => fill(100, `{${many(100, (at) => `"a${at}":"${'x'.repeat(900)}"`)}}`),
      () => rankFields(many(100, (at) => `"a${at}"`)),
    ),
  ];
}

/** Many parsed values from few bytes. */
function values(rank: MakeBody): CostlyBody[] {
  return [
    rank('3,000,000 empty lists in a document', () => `[${fill(3_000_000, '[]')}]`),
    rank('600,000 keys in a document', () => `{${many(600_000, (at) => `"k${at}":1`)}}`),
    rank('one key 900,000 times', () => `{${fill(900_000, '"kkk":1')}}`),
    rank('4,900,000 lists in each other', () => nested(4_900_000, ['[', ']'])),
    rank('1,000,000 objects in each other', () => nested(1_000_000, ['{"a":', '}']).replace('}', '1}')),
    rank('900,000 documents', () => fill(900_000, '"d"')),
  ];
}

/** Numbers, names and texts that are slow to parse, to compare or to tokenise. */
function longParts(rank: MakeBody): CostlyBody[] {
  return [
    rank(
      'a number of 9,800,000 digits',
      () => '"d"',
      () => `,"top_n":${'9'.repeat(9_800_000)}`,
    ),
    rank(
      'an exponent of 9,800,000 digits',
      () => '"d"',
      () => `,"top_n":1e${'9'.repeat(9_800_000)}`,
    ),
    rank('90,000 numbers past every range', () => `{"a":[${fill(90_000, '-1e999999999')}]}`),
    rank(
      'the name of a model with 9,000,000 characters',
      () => '"d"',
      () => `,"model":"${'./'.repeat(4_500_000)}"`,
    ),
    rank(
      'the name of a member with 9,000,000 characters',
      () => '"d"',
      () => `,"${'m'.repeat(9_000_000)}":1`,
    ),
    rank('a text of 1,600,000 escapes', () => `"${'\\u0000'.repeat(1_600_000)}"`),
    rank('a text of 1,600,000 halves of pairs', () => `"${'\\ud800'.repeat(1_600_000)}"`),
    rank('99,000 combining marks on a letter', () => `"a${'\u0301'.repeat(99_000)}"`),
    rank('90,000 parts of a text', () => `{"content":[${fill(30_000, '{"type":"text","text":"t"}')}]}`),
    rank('9,000,000 spaces', () => `"d"${' '.repeat(9_000_000)}`),
  ];
}

/** Bodies that are refused before they are read as a ranking. */
function others(marker: string): CostlyBody[] {
  return [
    {
      name: 'the members of a body 300,000 times',
      json: () => `{${fill(300_000, '"documents":["d"]')},"query":"${marker}"}`,
    },
    { name: '9,000,000 open brackets', json: () => '['.repeat(9_000_000) },
    { name: '200 MB of spaces', packed: () => Buffer.concat(Array(20).fill(gzipSync(Buffer.alloc(10_000_000, ' ')))) },
    { name: '60 MB of zeros in one piece', packed: () => gzipSync(Buffer.alloc(60_000_000)) },
    { name: 'a packed text, packed again', packed: () => gzipSync(gzipSync(Buffer.alloc(60_000_000))) },
  ];
}

/** Creates a body of {@link ranking} with documents and optional further members. */
type MakeBody = (name: string, documents: () => string, more?: () => string) => CostlyBody;

function costlyBodies(marker: string): CostlyBody[] {
  const rank: MakeBody = (name, documents, more = () => '') => ({
    name,
    json: () => ranking(marker, documents(), more()),
  });
  return [...products(rank), ...values(rank), ...longParts(rank), ...others(marker)];
}

/** Values of a member that no dialect knows. Every operation must limit their cost. */
const members: readonly (readonly [name: string, value: () => string])[] = [
  ['1,000,000 empty lists', () => `[${fill(1_000_000, '[]')}]`],
  ['200,000 keys', () => `{${many(200_000, (at) => `"k${at}":{}`)}}`],
  ['1,000,000 levels', () => nested(1_000_000, ['[', ']'])],
];

/**
 * A fixed table of small requests with a large cost, compressed with gzip as by an attacker. Each must be answered as
 * described, and must not increase the memory of the gateway permanently.
 */
export function costlyCases(context: Omit<CaseContext, 'choose'>): MakeCase[] {
  const { targets, marker } = context;
  const operations = bodyOperations(targets.description);
  const ranks = operations.filter(({ path }) => ['/v1/rerank', '/pinecone/rerank'].includes(path));
  const bodies = ranks.flatMap((operation) =>
    costlyBodies(marker).map(({ name, json, packed }) => () => {
      const bytes = packed?.() ?? gzipSync(json?.() ?? '');
      return costlyCase(context, operation, { name, bytes });
    }),
  );
  const unknown = operations.flatMap((operation) =>
    members.map(([name, value]) => () => {
      const [schema = {}] = operation.bodies;
      const good = JSON.stringify(goodBody(context, schema));
      return costlyCase(context, operation, { name, bytes: gzipSync(`${good.slice(0, -1)},"zz":${value()}}`) });
    }),
  );
  return [...bodies, ...unknown];
}

function costlyCase(
  context: Omit<CaseContext, 'choose'>,
  operation: Operation,
  { name, bytes }: { name: string; bytes: Buffer },
): NamedCase {
  const draft = postOf(operation, context, bytes);
  const headers = [...draft.headers, ['content-encoding', 'gzip'] as const];
  const request = bytesOf({ ...draft, headers }, context.targets.hosts.open);
  return {
    ...usualCase({ kind: 'costly', bytes: request, marker: context.marker, operation }),
    name: `${operation.path}: ${name}`,
  };
}
