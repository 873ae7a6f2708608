/**
 * Characters that show nothing by themselves:
 *
 * - white space of every kind, control characters, and halves of a surrogate pair, which are no characters;
 * - what Unicode calls ignorable (`DI`: zero-width characters, soft hyphen, byte order mark, bidi controls, variation
 *   selectors, tags, and the Hangul fillers, which hold an empty place in a syllable) and the rest of its format
 *   characters (`Cf`), but for the Arabic, Syriac and Kaithi signs among them, which are drawn;
 * - code points that will never be characters;
 * - four symbols that are drawn as nothing or stand for something that is no text: U+2800, a Braille cell without dots;
 *   U+1D159, a note without its head; U+FFFC, the place of an object.
 *
 * A combining mark, a private character, an unassigned code point and U+FFFD do show. An emoji shows whatever joiners
 * and selectors stand beside it.
 */
const invisible = String.raw`\p{White_Space}\p{DI}\p{Cc}\p{Cf}\p{Cs}\p{NChar}\u2800\u{1D159}\uFFFC`;
const drawnFormat = String.raw`\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}`;

const visible = new RegExp(`[^${invisible}]|[${drawnFormat}]`, 'u');

/** Whether nothing of a text shows: it is empty, or holds only white space and invisible characters. */
export function isBlank(text: string): boolean {
  return !visible.test(text);
}
