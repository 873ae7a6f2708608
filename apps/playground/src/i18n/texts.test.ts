import { examples } from '../documents/examples';
import { en } from './en';
import { zh } from './zh';

function flat(texts: object, path = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]: [string, string | object]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}
const english = new Map(flat(en));
const chinese = new Map(flat(zh));
/** What is put in, without its format. */
const variables = (text: string) => [...text.matchAll(/{{(\w+)/g)].map(([, name]) => name).sort();

test('both languages say the same: every key, with the same figures put in', () => {
  const plural = (key: string) => !key.endsWith('_one');
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].filter(plural).sort());
  for (const [key, text] of chinese) expect([key, variables(text)]).toEqual([key, variables(english.get(key) ?? '')]);
});

test('no text is empty', () => {
  expect([...english, ...chinese].filter(([, text]) => text.trim() === '')).toEqual([]);
});

test('every example has a title in both languages', () => {
  for (const { titleKey } of examples) {
    expect(english.has(titleKey) && chinese.has(titleKey)).toBe(true);
  }
});
