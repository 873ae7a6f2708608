import fc from 'fast-check';
import { createPieceTree } from './piece-tree';

/** Few characters, so that pieces share beginnings: of one and of two UTF-16 code units, and half of a pair. */
const piece = fc.string({
  unit: fc.constantFrom('a', 'b', '\u2581', '\u6c34', '\u{1f600}', '\ud83d'),
  minLength: 1,
  maxLength: 6,
});

test('finds every piece with its id, and no text that is not the beginning of a piece', () => {
  fc.assert(
    fc.property(fc.uniqueArray(piece, { maxLength: 200 }), fc.array(piece, { maxLength: 20 }), (pieces, texts) => {
      const tree = createPieceTree(pieces.map((text, id) => [text, id]));
      for (const text of [...pieces, ...texts]) {
        let node = 0;
        for (const character of text) {
          node = tree.next(node, character.codePointAt(0) as number);
          if (node === 0) break;
        }
        const isBeginning = pieces.some((other) => [...text].every((one, at) => [...other][at] === one));
        expect(node !== 0).toBe(isBeginning);
        if (isBeginning) expect(tree.idAt(node)).toBe(pieces.indexOf(text));
      }
    }),
  );
});

test('holds as many pieces as it is given', () => {
  const pieces = Array.from({ length: 20_000 }, (_, id): [string, number] => [
    String.fromCodePoint(0x4e00 + (id % 300), 0x61 + (id % 7), 0x10000 + id),
    id,
  ]);
  const tree = createPieceTree(pieces);
  const found = pieces.map(([text]) =>
    tree.idAt([...text].reduce((node, one) => tree.next(node, one.codePointAt(0) as number), 0)),
  );
  expect(found).toEqual(pieces.map(([, id]) => id));
});
