/** One line of a rendered page. */
export interface Sample {
  /** Full name, with `_bucket`, `_sum`, `_count` or `_total`. */
  name: string;
  labels: Record<string, string>;
  value: number;
  /** Labels of its exemplar, if it has one. */
  exemplar?: Record<string, string>;
}

/** A parsed page. */
export interface Page {
  /** Type of each family, by its name on the page (in OpenMetrics, counters without `_total`). */
  types: Map<string, string>;
  samples: Sample[];
  /** Value of the series with exactly these labels; undefined if there is none. */
  value(name: string, labels?: Record<string, string>): number | undefined;
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?: # \{(.*)\} \S+(?: \S+)?)?$/;
const labelPair = /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/gy;

/**
 * Parses the output of `render()` strictly, for tests. A page that ends with `# EOF` is OpenMetrics, otherwise it is
 * Prometheus' text format.
 *
 * @throws Error at the first violation of the format: a stray line, a sample before its TYPE or outside of its family,
 *   a duplicate family or series, an exemplar in the text format, a missing end
 */
export function parsePage(text: string): Page {
  const isOpenMetrics = text.endsWith('\n# EOF\n');
  // only the text format allows empty lines
  const lines = isOpenMetrics ? text.split('\n').slice(0, -2) : text.split('\n').filter((line) => line !== '');
  if (!text.endsWith('\n')) throw new Error('the page does not end with a newline');
  const counterSuffix = isOpenMetrics ? '_total' : '';
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  let family = '';
  for (const line of lines) {
    const [, keyword, name, rest] = /^# (HELP|TYPE|UNIT) (\S+) (.+)$/.exec(line) ?? [];
    if (keyword === 'TYPE' && name !== undefined && rest !== undefined) {
      if (types.has(name)) throw new Error(`family given twice: ${name}`);
      types.set((family = name), rest);
    } else if (keyword === undefined) {
      const names = suffixesOf(types.get(family), counterSuffix).map((suffix) => family + suffix);
      samples.push(parseSample(line, names));
    }
  }
  if (!isOpenMetrics && samples.some(({ exemplar }) => exemplar)) throw new Error('an exemplar outside OpenMetrics');
  const byKey = new Map(samples.map((sample) => [seriesKey(sample.name, sample.labels), sample.value]));
  if (byKey.size !== samples.length) throw new Error('a series is given twice');
  return { types, samples, value: (name, labels = {}) => byKey.get(seriesKey(name, labels)) };
}

function suffixesOf(type: string | undefined, counterSuffix: string): string[] {
  if (type === 'counter') return [counterSuffix];
  return type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
}

/** @param names the allowed names of samples in the line's family */
function parseSample(line: string, names: readonly string[]): Sample {
  const [, name = '', inner, text, exemplar] = sampleLine.exec(line) ?? [];
  if (!names.includes(name)) throw new Error(`no ${names.join(' or ')}: ${line}`);
  const value = Number(text);
  // prom-client writes `Nan`, OpenMetrics specifies `NaN`; Prometheus reads both
  if (text === undefined || (Number.isNaN(value) && text.toLowerCase() !== 'nan'))
    throw new Error(`no number in: ${line}`);
  const labels = parseLabels(inner ?? '', line);
  return { name, labels, value, ...(exemplar !== undefined && { exemplar: parseLabels(exemplar, line) }) };
}

function parseLabels(inner: string, line: string): Record<string, string> {
  const pairs = [...inner.matchAll(labelPair)];
  if (pairs.map(([pair]) => pair).join('') !== inner) throw new Error(`labels cannot be read in: ${line}`);
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}

function seriesKey(name: string, labels: Record<string, string>): string {
  return JSON.stringify([name, Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
