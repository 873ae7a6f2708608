/**
 * Characters that are not visible by themselves:
 *
 * - white space of every kind, control characters, and unpaired surrogates;
 * - characters that Unicode calls default-ignorable (`DI`: zero-width characters, soft hyphen, byte order mark, bidi
 *   controls, variation selectors, tags, and Hangul fillers) and the other format characters (`Cf`), except the visible
 *   Arabic, Syriac and Kaithi signs among them;
 * - noncharacters;
 * - four symbols without a visible shape or with a meaning that is not text: U+2800 (a Braille cell without dots),
 *   U+1D159 (a note without its head), U+FFFC (a placeholder for an object).
 *
 * Combining marks, private-use characters, unassigned code points and U+FFFD are visible. An emoji is visible whatever
 * joiners and selectors surround it.
 */
const invisible = String.raw`\p{White_Space}\p{DI}\p{Cc}\p{Cf}\p{Cs}\p{NChar}\u2800\u{1D159}\uFFFC`;
const drawnFormat = String.raw`\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}`;

const visible = new RegExp(`[^${invisible}]|[${drawnFormat}]`, 'u');

/** Whether a text has no visible character: it is empty, or has only white space and invisible characters. */
export function isBlank(text: string): boolean {
  return !visible.test(text);
}
