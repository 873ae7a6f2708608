import { parsePage } from './testing';

const text = '# HELP a_total x\n# TYPE a_total counter\na_total{k="v"} 1\n\n# HELP b x\n# TYPE b gauge\nb 2\n';
const good = '# HELP a x\n# TYPE a counter\na_total{k="v,\\"w"} 1\n# HELP b x\n# TYPE b gauge\nb 2\n# EOF\n';

describe('parsePage', () => {
  test('reads names, labels and values', () => {
    const page = parsePage(good);
    expect(page.value('a_total', { k: 'v,\\"w' })).toBe(1);
    expect(page.value('b')).toBe(2);
    expect(page.value('b', { k: 'v' })).toBeUndefined();
  });

  test('reads an exemplar beside its sample', () => {
    const page = parsePage(good.replace('b 2', 'b 2 # {trace_id="f0"} 0.25 1700000000.1'));
    expect(page.samples.at(-1)).toEqual({ name: 'b', labels: {}, value: 2, exemplar: { trace_id: 'f0' } });
  });

  test('reads the text format, where counters are called what they are and lines may be empty', () => {
    const page = parsePage(text);
    expect([page.value('a_total', { k: 'v' }), page.types.get('a_total'), page.value('b')]).toEqual([1, 'counter', 2]);
  });

  test.each([
    ['an exemplar', text.replace('b 2', 'b 2 # {trace_id="f0"} 0.25')],
    ['a counter of OpenMetrics', text.replace('TYPE a_total', 'TYPE a')],
    ['an end without a newline', text.slice(0, -1)],
  ])('refuses %s in the text format', (_what, page) => {
    expect(() => parsePage(page)).toThrow();
  });

  test.each([
    ['an empty line', good.replace('# HELP b', '\n# HELP b')],
    ['an end that is missing', good.replace('# EOF\n', '')],
    ['a line that is no sample', good.replace('b 2', 'b two')],
    ['a sample outside its family', good.replace('b 2', 'c 2')],
    ['a counter without its suffix', good.replace('a_total', 'a')],
    ['labels that cannot be read', good.replace('k="v', 'k=v')],
    ['a series twice', good.replace('b 2', 'b 2\nb 2')],
    ['a family twice', good.replace('# TYPE b gauge\nb 2', '# TYPE a counter\na_total 2')],
  ])('refuses %s', (_what, text) => {
    expect(() => parsePage(text)).toThrow();
  });
});
