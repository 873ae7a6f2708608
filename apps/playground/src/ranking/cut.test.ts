import fc from 'fast-check';
import { splitAtCut } from './cut';

test.each([
  { name: 'plain text', text: 'abcdef', keptCharacters: 2, parts: { kept: 'ab', cut: 'cdef' } },
  { name: 'nothing kept', text: 'abc', keptCharacters: 0, parts: { kept: '', cut: 'abc' } },
  { name: 'less than nothing', text: 'abc', keptCharacters: -1, parts: { kept: '', cut: 'abc' } },
  { name: 'all kept', text: 'abc', keptCharacters: 3, parts: { kept: 'abc', cut: '' } },
  { name: 'more than all', text: 'abc', keptCharacters: 9, parts: { kept: 'abc', cut: '' } },
  { name: 'the middle of an emoji', text: 'a😀b', keptCharacters: 2, parts: { kept: 'a', cut: '😀b' } },
  { name: 'the end of an emoji', text: 'a😀b', keptCharacters: 3, parts: { kept: 'a😀', cut: 'b' } },
  { name: 'between two emoji', text: '😀😀', keptCharacters: 2, parts: { kept: '😀', cut: '😀' } },
])('$name', ({ text, keptCharacters, parts }) => {
  expect(splitAtCut(text, keptCharacters)).toEqual(parts);
});

test('the parts make the text, the cut is at most a character early, and no pair is split', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 20 }), (text, keptCharacters) => {
      const { kept, cut } = splitAtCut(text, keptCharacters);
      expect(kept + cut).toBe(text);
      const wanted = Math.min(keptCharacters, text.length);
      expect([wanted, wanted - 1]).toContain(kept.length);
      expect([...kept, ...cut]).toEqual([...text]);
    }),
  );
});
