import fc from 'fast-check';
import Papa from 'papaparse';
import { parseFile } from '../documents/parse-file';
import type { Grade } from '../ranking/quality';
import { rankingOf } from '../ranking/testing';
import { type ExportedRanking, comparisonToCsv, comparisonToJson, toCsv, toJson } from './export';

const request = { model: '', query: 'q', documents: ['one', 'two,\r\n"2"', '三'], instruction: 'find' };
const exported: ExportedRanking = {
  request,
  ranking: {
    ...rankingOf([0.25, 0.75, 0]),
    truncated: [{ index: 0, tokens: 9, keptTokens: 5, keptCharacters: 2 }],
    totalTokens: 34,
    timings: { queueMs: 1, tokenizationMs: 2, inferenceMs: 3, totalMs: 7, otherMs: 1 },
    results: [
      { index: 1, score: 0.75, logit: -1.5, tokens: 7 },
      { index: 0, score: 0.25, logit: 2, tokens: 5 },
      { index: 2, score: 0, logit: null, tokens: null },
    ],
  },
  grades: new Map<number, Grade>([[0, 0]]),
};
const csv = (given: Partial<ExportedRanking> = {}) => toCsv({ ...exported, ...given }, { hasByteOrderMark: false });

/** The documents of CSV as a program reads them. */
const documentsIn = (text: string) =>
  Papa.parse<{ document: string }>(text, { header: true, skipEmptyLines: true }).data.map(({ document }) => document);

describe('CSV', () => {
  test('has a row for each document, best first, with line ends as RFC 4180 has them', () => {
    expect(csv()).toBe(
      [
        'rank,index,score,logit,tokens,kept_tokens,grade,document',
        '1,1,0.75,-1.5,7,,,"two,\r\n""2"""',
        '2,0,0.25,2,5,5,0,one',
        '3,2,0,,,,,三',
        '',
      ].join('\r\n'),
    );
  });

  test('begins with a byte order mark where that is asked for', () => {
    expect(toCsv(exported, { hasByteOrderMark: true })).toBe(`\uFEFF${csv()}`);
  });

  test.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    ' =1',
    '  @x',
    '=1\n2',
    '＝1',
    '＋1',
    '－1',
    '＠x',
  ])('keeps a spreadsheet from running %p', (text) => {
    const written = csv({ request: { ...request, documents: ['one', text, 'three'] } });
    expect(documentsIn(written)).toContain(`'${text}`);
  });

  test.each(['a=1', '1-1', "'quoted", '', 'mail@host', '— dash', '文-本'])('leaves %p as it is', (text) => {
    const written = csv({ request: { ...request, documents: ['one', text, 'three'] } });
    expect(documentsIn(written)[0]).toBe(text);
  });

  test('gives every text back, but for that apostrophe', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom('"', ',', '\r', '\n', '=', ' ', "'", 'a', '\t', ';')).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (document) => {
        const rows = documentsIn(csv({ request: { ...request, documents: ['one', document, 'three'] } }));
        expect(rows).toHaveLength(3);
        expect([document, `'${document}`]).toContain(rows[0]);
        expect(rows[0]).not.toMatch(/^\s*[=+\-@]/);
      }),
    );
  });
});

describe('JSON', () => {
  test('holds the request, the model, results and times', () => {
    expect(JSON.parse(toJson(exported))).toEqual({
      model: 'e5@1',
      query: 'q',
      documents: request.documents,
      instruction: 'find',
      request_id: 'r-1',
      results: [
        { rank: 1, index: 1, score: 0.75, logit: -1.5, tokens: 7, kept_tokens: null, grade: null },
        { rank: 2, index: 0, score: 0.25, logit: 2, tokens: 5, kept_tokens: 5, grade: 0 },
        { rank: 3, index: 2, score: 0, logit: null, tokens: null, kept_tokens: null, grade: null },
      ],
      total_tokens: 34,
      timings: { queue_ms: 1, tokenization_ms: 2, inference_ms: 3, total_ms: 7 },
    });
  });

  test('without times says so', () => {
    const json = toJson({ ...exported, ranking: { ...exported.ranking, timings: null } });
    expect(JSON.parse(json)).toMatchObject({ timings: null });
  });

  test('is a file that the page reads', () => {
    expect(parseFile({ name: 'ranking.json', text: toJson(exported) })).toEqual({
      ok: true,
      content: { kind: 'list', documents: request.documents, query: 'q' },
    });
  });
});

describe('a comparison', () => {
  const other: ExportedRanking = {
    request: { ...request, instruction: '', documents: ['one', '=1', 'three'] },
    ranking: rankingOf([0.5, 0.75, 0.25]),
  };

  test('is one table with a column for the side', () => {
    const text = comparisonToCsv({ a: exported, b: other }, { hasByteOrderMark: true });
    expect(text.startsWith('\uFEFFside,rank,index,score,')).toBe(true);
    expect(text.endsWith('\r\n')).toBe(true);
    const { data } = Papa.parse<Record<string, string>>(text.slice(1), { header: true, skipEmptyLines: true });
    expect(data.map(({ side, rank, index }) => `${side}${rank}:${index}`)).toEqual([
      'a1:1',
      'a2:0',
      'a3:2',
      'b1:1',
      'b2:0',
      'b3:2',
    ]);
    expect(data[3]?.['document']).toBe("'=1");
  });

  test('is one JSON text, each side with its own instruction and answer', () => {
    const b = { ...other, request: { ...other.request, documents: request.documents } };
    const { query, documents, sides } = JSON.parse(comparisonToJson({ a: exported, b })) as Record<string, unknown>;
    expect({ query, documents }).toEqual({ query: 'q', documents: request.documents });
    const shared = { query, documents };
    const { a, b: right } = sides as Record<'a' | 'b', object>;
    expect({ ...shared, ...a }).toEqual(JSON.parse(toJson(exported)));
    expect({ ...shared, ...right }).toEqual(JSON.parse(toJson(b)));
  });

  test('is a file that the page reads', () => {
    const text = comparisonToJson({ a: exported, b: exported });
    expect(parseFile({ name: 'comparison.json', text })).toEqual({
      ok: true,
      content: { kind: 'list', documents: request.documents, query: 'q' },
    });
  });
});
