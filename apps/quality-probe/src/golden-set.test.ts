import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBaseline, writeBaseline } from './baseline';
import { GoldenFileError, readGoldenSet, relevantGrade } from './golden-set';

const own = join(__dirname, '../golden');

describe('the golden queries of the project', () => {
  const golden = readGoldenSet(own);
  const queries = golden.languages.flatMap((each) => each.queries);

  test('are at least forty per language, with twelve documents each', () => {
    for (const each of golden.languages) expect(each.queries.length).toBeGreaterThanOrEqual(40);
    expect(queries.filter(({ documents }) => documents.length !== 12)).toEqual([]);
  });

  test('have each document once, and each id', () => {
    const texts = queries.flatMap(({ documents }) => documents.map(({ text }) => text));
    expect(new Set(texts).size).toBe(texts.length);
    expect(new Set(queries.map(({ id }) => id)).size).toBe(queries.length);
  });

  test('have a relevant document, several grades and at least five irrelevant documents', () => {
    for (const { documents } of queries) {
      const grades = documents.map(({ grade }) => grade);
      expect(Math.max(...grades)).toBeGreaterThanOrEqual(relevantGrade);
      expect(new Set(grades).size).toBeGreaterThan(2);
      expect(grades.filter((grade) => grade === 0).length).toBeGreaterThanOrEqual(5);
    }
  });

  test('have a good but not perfect baseline for the default model', () => {
    const baseline = readBaseline([join(own, 'baselines')], { model: 'multilingual-e5-small', version: '1' });
    expect(baseline?.goldenSha256).toBe(golden.sha256);
    for (const { ndcg } of Object.values(baseline?.languages ?? {})) {
      expect(ndcg).toBeGreaterThan(0.8);
      expect(ndcg).toBeLessThan(0.95);
    }
  });
});

describe('a folder of golden queries', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rerank-golden-'));
    cpSync(own, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    { name: 'is not JSON', content: '{', says: /en\.json: is not JSON/ },
    { name: 'has another language', content: undefined, says: /en\.json: its language is zh/ },
    { name: 'has no queries', content: '{"language":"en","queries":[]}', says: /en\.json: queries/ },
    {
      name: 'has an invalid grade',
      content:
        '{"language":"en","queries":[{"id":"a","query":"q","documents":[{"text":"t","grade":4},{"text":"u","grade":2}]}]}',
      says: /en\.json: queries\.0\.documents\.0\.grade/,
    },
    {
      name: 'has a query without a relevant document',
      content:
        '{"language":"en","queries":[{"id":"a","query":"q","documents":[{"text":"t","grade":1},{"text":"u","grade":0}]}]}',
      says: /en\.json: .*has no relevant document/,
    },
  ])('is refused in one line when a file $name', ({ content, says }) => {
    writeFileSync(join(folder, 'en.json'), content ?? readFileSync(join(folder, 'zh.json')));
    expect(() => readGoldenSet(folder)).toThrow(GoldenFileError);
    expect(() => readGoldenSet(folder)).toThrow(says);
  });

  test('is refused when a file is missing', () => {
    rmSync(join(folder, 'zh.json'));
    expect(() => readGoldenSet(folder)).toThrow(/zh\.json: cannot be read \(ENOENT\)/);
  });

  test('has a different checksum when one document changes', () => {
    const before = readGoldenSet(folder).sha256;
    const text = readFileSync(join(folder, 'en.json'), 'utf8');
    writeFileSync(join(folder, 'en.json'), text.replace('"grade": 3', '"grade": 2'));
    expect(readGoldenSet(folder).sha256).not.toBe(before);
  });

  test('reads a written baseline, also for a model name with a slash, and refuses a damaged one', () => {
    const quality = { ndcg: 0.5, mrr: 0.5, scoreCounts: new Array<number>(10).fill(1) };
    const model = { model: 'org/tiny', version: '2' };
    const facts = { revision: 'r', measuredAt: '2026-01-01T00:00:00Z', goldenSha256: 'x' };
    const path = writeBaseline(folder, { ...model, ...facts, languages: { en: quality, zh: quality } });
    expect(readBaseline([join(folder, 'none'), folder], model)).toMatchObject({ ...model, ...facts });
    expect(readBaseline([folder], { ...model, version: '3' })).toBeUndefined();
    writeFileSync(path, '{}');
    expect(() => readBaseline([folder], model)).toThrow(GoldenFileError);
  });
});
