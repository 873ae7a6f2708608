import { splitAtCut } from '../ranking/cut';

/** A piece of a displayed document: text that the model read, text that it did not read, or an omission. */
export type ExcerptPart = { kind: 'read' | 'notRead'; text: string } | { kind: 'gap' };

export interface Excerpt {
  parts: ExcerptPart[];
  /** Text is left out here. */
  isShortened: boolean;
}

/** The lengths of the displayed parts of a long text, in UTF-16 code units. */
const room = { whole: 360, beforeCut: 110, afterCut: 140, start: 180 };

/**
 * The start of a text and the text around the position where the model stopped reading.
 *
 * @param readCharacters number of UTF-16 code units from the start that the model read; null: all
 */
export function excerpt(text: string, readCharacters: number | null): Excerpt {
  const { kept: read, cut: notRead } = splitAtCut(text, readCharacters ?? text.length);
  const parts = notRead === '' ? startOf(read) : [...aroundCut(read), ...beginning(notRead)];
  return { parts, isShortened: parts.some(({ kind }) => kind === 'gap') };
}

/** The whole text: the read and the unread part. */
export function wholeText(text: string, readCharacters: number | null): Excerpt {
  const { kept, cut } = splitAtCut(text, readCharacters ?? text.length);
  const parts: ExcerptPart[] = [{ kind: 'read', text: kept }];
  if (cut !== '') parts.push({ kind: 'notRead', text: cut });
  return { parts, isShortened: false };
}

function startOf(read: string): ExcerptPart[] {
  if (read.length <= room.whole) return [{ kind: 'read', text: read }];
  return [{ kind: 'read', text: firstOf(read, room.whole) }, { kind: 'gap' }];
}

function aroundCut(read: string): ExcerptPart[] {
  if (read.length <= room.start + room.beforeCut) return [{ kind: 'read', text: read }];
  const start = firstOf(read, room.start);
  const end = splitAtCut(read, read.length - room.beforeCut).cut.replace(brokenStart, '');
  return [{ kind: 'read', text: start }, { kind: 'gap' }, { kind: 'read', text: end }];
}

function beginning(notRead: string): ExcerptPart[] {
  if (notRead.length <= room.afterCut) return [{ kind: 'notRead', text: notRead }];
  return [{ kind: 'notRead', text: firstOf(notRead, room.afterCut) }, { kind: 'gap' }];
}

/** An incomplete word at the end of an excerpt, for scripts with spaces between words. */
const brokenStart = /^\S{1,20}(?=\s)/;
const brokenEnd = /\s\S{0,20}$/;

function firstOf(text: string, characters: number): string {
  return splitAtCut(text, characters).kept.replace(brokenEnd, '');
}
