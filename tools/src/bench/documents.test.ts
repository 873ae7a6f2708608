import { makeRequests } from './documents';

const wordsOf = (text: string) => text.split(' ');
const mixed = { seed: 3, requests: 40, documents: 50, words: { from: 10, to: 200 } };

describe('makeRequests', () => {
  it('gives the same requests for the same seed and others for another', () => {
    expect(makeRequests(mixed)).toEqual(makeRequests(mixed));
    expect(makeRequests({ ...mixed, seed: 4 })).not.toEqual(makeRequests(mixed));
  });

  it('makes the requested number of requests and documents', () => {
    const requests = makeRequests(mixed);
    expect(requests).toHaveLength(40);
    expect(requests.map(({ documents }) => documents.length)).toEqual(new Array(40).fill(50));
  });

  it('spreads mixed lengths over the whole range, both ends included', () => {
    const lengths = makeRequests(mixed).flatMap(({ documents }) => documents.map((text) => wordsOf(text).length));
    expect(Math.min(...lengths)).toBe(10);
    expect(Math.max(...lengths)).toBe(200);
    expect(lengths.filter((length) => length <= 105).length / lengths.length).toBeCloseTo(0.5, 1);
  });

  it('gives every request about as many words', () => {
    const words = makeRequests(mixed).map(({ documents }) => wordsOf(documents.join(' ')).length);
    expect(Math.max(...words) / Math.min(...words)).toBeLessThan(1.02);
  });

  it('mixes long and short documents', () => {
    const first = makeRequests(mixed).map(({ documents }) => wordsOf(documents[0] ?? '').length);
    expect(new Set(first).size).toBeGreaterThan(20);
  });

  it('builds documents of equal length from the same words in different orders', () => {
    const documents = makeRequests({ seed: 3, requests: 2, documents: 20, words: 90 }).flatMap((one) => one.documents);
    expect(new Set(documents).size).toBe(40);
    const bags = documents.map((text) => wordsOf(text).sort().join(' '));
    expect(new Set(bags).size).toBe(1);
    expect(wordsOf(documents[0] ?? '')).toHaveLength(90);
  });

  it('builds queries of equal length from the same words in different orders', () => {
    const queries = makeRequests({ ...mixed, queryWords: 16 }).map(({ query }) => query);
    expect(new Set(queries).size).toBe(queries.length);
    const bags = queries.map((query) => wordsOf(query.slice(0, -1)).sort().join(' '));
    expect(new Set(bags).size).toBe(1);
    expect(wordsOf(queries[0] ?? '')).toHaveLength(16);
  });

  it('uses a different query in each request', () => {
    const queries = makeRequests(mixed).map(({ query }) => query);
    expect(new Set(queries).size).toBe(queries.length);
    for (const query of queries) expect(query).toMatch(/^(\S+ ){3,11}\S+\?$/);
  });
});
