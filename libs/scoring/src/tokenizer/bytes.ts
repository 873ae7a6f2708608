/**
 * The character for each byte in a byte-level vocabulary (Radford et al. 2019, GPT-2): the byte itself if it is
 * printable in Latin-1, otherwise the next one from U+0100 on.
 */
export const byteCharacters: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte).reduce<string[]>(
  (characters, byte) => {
    const isPrintable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    const others = characters.filter((character) => character >= '\u0100').length;
    return [...characters, String.fromCharCode(isPrintable ? byte : 0x100 + others)];
  },
  [],
);

const encoder = new TextEncoder();

/** A text as a string with one character per UTF-8 byte. */
export function byteText(text: string): string {
  let bytes = '';
  for (const byte of encoder.encode(text)) bytes += byteCharacters[byte];
  return bytes;
}
