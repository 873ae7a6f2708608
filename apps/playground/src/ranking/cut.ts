/** A document's text in two parts. */
export interface CutText {
  kept: string;
  /** What the model did not read; '' when it read all. */
  cut: string;
}

/** Splits a text where the model stopped reading, never inside a surrogate pair: the whole pair then counts as cut. */
export function splitAtCut(text: string, keptCharacters: number): CutText {
  const place = Math.min(text.length, Math.max(0, keptCharacters));
  const splitsPair = /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(Math.max(0, place - 1), place + 1));
  const start = splitsPair ? place - 1 : place;
  return { kept: text.slice(0, start), cut: text.slice(start) };
}
