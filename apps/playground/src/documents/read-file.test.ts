import fc from 'fast-check';
import { decodeText, readFile } from './read-file';

const bytes = (...values: number[]) => Uint8Array.from(values);
const utf8 = (text: string) => new Uint8Array(new TextEncoder().encode(text));

/** UTF-16 with its byte order mark. */
function utf16(text: string, order: 'little' | 'big'): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(2 * text.length + 2));
  [...'\uFEFF'.split(''), ...text.split('')].forEach((unit, position) => {
    view.setUint16(2 * position, unit.charCodeAt(0), order === 'little');
  });
  return new Uint8Array(view.buffer);
}

describe('bytes', () => {
  test.each([
    ['UTF-8', utf8('naïve 文 😀')],
    ['UTF-8 with its mark', utf8('\uFEFFnaïve 文 😀')],
    ['UTF-16, little end first', utf16('naïve 文 😀', 'little')],
    ['UTF-16, big end first', utf16('naïve 文 😀', 'big')],
  ])('of %s are text', (_, encoded) => {
    expect(decodeText(encoded, false)).toEqual({ ok: true, text: 'naïve 文 😀' });
    expect(decodeText(encoded, true)).toEqual({ ok: true, text: 'naïve 文 😀' });
  });

  test('none at all are an empty text', () => {
    expect(decodeText(bytes(), false)).toEqual({ ok: true, text: '' });
  });

  test.each([
    ['Latin-1', bytes(0x6e, 0x61, 0xef, 0x76, 0x65)],
    ['GBK', bytes(0xce, 0xc4, 0xb1, 0xbe)],
    ['UTF-8 cut within a character', utf8('文').slice(0, 2)],
    ['a lone surrogate in UTF-16', utf16('a\uD800b', 'little')],
    ['half a code unit', utf16('ab', 'big').slice(0, 5)],
  ])('of %s are no Unicode', (_, encoded) => {
    expect(decodeText(encoded, false)).toEqual({ ok: false, problem: { code: 'not_unicode' } });
  });

  test.each([
    ['GBK', bytes(0xce, 0xc4, 0xb1, 0xbe), '文本'],
    ['GB18030 with four bytes a character', bytes(0xce, 0xc4, 0x95, 0x32, 0x82, 0x36), '文𠀀'],
  ])('of %s are text for a reader of Chinese', (_, encoded, text) => {
    expect(decodeText(encoded, true)).toEqual({ ok: true, text });
  });

  test.each([
    ['GBK cut within a character', bytes(0xce, 0xc4, 0xb1)],
    ['a lone surrogate in UTF-16', utf16('a\uD800b', 'little')],
  ])('of %s are no text for a reader of Chinese either', (_, encoded) => {
    expect(decodeText(encoded, true)).toEqual({ ok: false, problem: { code: 'not_unicode' } });
  });

  test.each([
    ['a picture', bytes(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d)],
    ['UTF-16 without its mark', utf16('text', 'little').slice(2)],
    ['UTF-32', bytes(0xff, 0xfe, 0, 0, 0x61, 0, 0, 0)],
  ])('of %s are binary', (_, encoded) => {
    expect(decodeText(encoded, true)).toEqual({ ok: false, problem: { code: 'binary' } });
  });

  test('of every text come back as it', () => {
    const text = fc.string({ unit: 'binary' }).filter((each) => !each.includes('\0') && !each.startsWith('\uFEFF'));
    fc.assert(
      fc.property(text, (each) => {
        for (const encoded of [utf8(each), utf16(each, 'little'), utf16(each, 'big')]) {
          expect(decodeText(encoded, true)).toEqual({ ok: true, text: each });
        }
      }),
    );
  });
});

describe('a dropped file', () => {
  const file = (name: string, content: Uint8Array<ArrayBuffer>) => ({
    name,
    size: content.length,
    arrayBuffer: () => Promise.resolve(content.buffer),
  });

  test('is decoded and parsed', async () => {
    const options = { limitBytes: 100, isChinese: false, hasHeader: false };
    expect(await readFile(file('a.csv', utf16('text,id\none,1', 'little')), options)).toMatchObject({
      ok: true,
      content: { kind: 'columns', hasHeader: false, columns: [{ documents: ['text', 'one'] }, {}] },
    });
  });

  test('may be as large as the limit; one larger is not read', async () => {
    const read = jest.fn(() => Promise.resolve(utf8('12345').buffer));
    const dropped = { name: 'a.txt', size: 5, arrayBuffer: read };
    expect(await readFile(dropped, { limitBytes: 5, isChinese: false })).toMatchObject({ ok: true });
    expect(await readFile({ ...dropped, size: 6 }, { limitBytes: 5, isChinese: false })).toEqual({
      ok: false,
      problem: { code: 'too_large', sizeBytes: 6, limitBytes: 5 },
    });
    expect(read).toHaveBeenCalledTimes(1);
  });

  test('that cannot be read is a problem, not an exception', async () => {
    const gone = { name: 'a.txt', size: 5, arrayBuffer: () => Promise.reject(new Error('gone')) };
    expect(await readFile(gone, { limitBytes: 5, isChinese: false })).toEqual({
      ok: false,
      problem: { code: 'unreadable' },
    });
  });

  test('that is no text is refused before it is parsed', async () => {
    expect(await readFile(file('a.txt', bytes(0xff)), { limitBytes: 5, isChinese: true })).toEqual({
      ok: false,
      problem: { code: 'not_unicode' },
    });
  });
});
