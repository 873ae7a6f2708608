/** A document's text in two parts. */
export interface CutText {
  kept: string;
  /** The part that the model did not read; '' if it read all. */
  cut: string;
}

/** Splits a text where the model stopped reading. A surrogate pair at the split counts as unread. */
export function splitAtCut(text: string, keptCharacters: number): CutText {
  const position = Math.min(text.length, Math.max(0, keptCharacters));
  const splitsPair = /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(Math.max(0, position - 1), position + 1));
  const start = splitsPair ? position - 1 : position;
  return { kept: text.slice(0, start), cut: text.slice(start) };
}
