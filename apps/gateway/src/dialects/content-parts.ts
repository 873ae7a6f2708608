import { isBlank } from './blank-text';
import { isJsonObject, type JsonObject } from '../http/json-object';

/** The position inside an element of a part that is not text, such as `.content[1]`. Empty for the element itself. */
export interface NoText {
  noTextAt: string;
}

/** The text of an element, or the position of a part that is not text. */
export type ReadText = string | NoText;

export function isText(read: ReadText): read is string {
  return typeof read === 'string';
}

/** A text, or its other forms in clients: `{text}`, content parts, or media, which are refused. */
export type Content = string | JsonObject | readonly JsonObject[];

/** Names of members with media, as used by OpenAI, vLLM, Jina, Cohere, Voyage and DashScope. */
const mediaMember = /^(?:input_)?(?:images?|audio|videos?|file|pdf)(?:_(?:urls?|base64|embeds|bytes|id))?$/;

/** Members beside media that are not texts of their own. */
const mediaLabels: ReadonlySet<string> = new Set([
  'type',
  'text',
  'content',
  'format',
  'value',
  'detail',
  'id',
  'uuid',
  'mime_type',
  'media_type',
]);

const textPartTypes: readonly unknown[] = ['text', 'input_text', 'output_text'];

/** Whether an element is a text or a form that is refused with its position. Anything else has a wrong type. */
export function isContent(value: unknown): value is Content {
  if (typeof value === 'string' || isPartList(value)) return true;
  return (
    isJsonObject(value) && (typeof value['text'] === 'string' || Array.isArray(value['content']) || isMedia(value))
  );
}

/** Whether a value is a non-empty list of objects. */
export function isPartList(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every(isJsonObject);
}

/** Whether all parts of a list have a `type`. Such a list is a list of parts in any position. */
export function isTypedPartList(value: unknown): value is readonly JsonObject[] {
  return isPartList(value) && value.every((part) => typeof part['type'] === 'string');
}

/**
 * The text of an element. For an object: its `text`, otherwise its `content` if that is a list of parts. Undefined for
 * an object that has neither and no media. When the text exceeds `maxCharacters`, no further part is added.
 */
export function contentText(content: Content, maxCharacters: number): ReadText | undefined {
  if (typeof content === 'string') return content;
  if (isPartList(content)) return partsText(content, { maxCharacters });
  const { text, content: parts } = content;
  if (typeof text === 'string' && !(isBlank(text) && isMedia(content))) return text;
  if (Array.isArray(parts)) return partsText(parts, { maxCharacters, path: '.content' });
  return isMedia(content) ? { noTextAt: '' } : undefined;
}

/**
 * Joins text parts with line breaks, as vLLM does, until `maxCharacters` is exceeded; or returns the first non-text
 * part.
 */
export function partsText(
  parts: readonly unknown[],
  { maxCharacters, path = '' }: { maxCharacters: number; path?: string },
): ReadText {
  let joined: string | undefined;
  for (const [index, part] of parts.entries()) {
    const text = partText(part);
    if (text === undefined) return { noTextAt: `${path}[${index}]` };
    joined = joined === undefined ? text : `${joined}\n${text}`;
    if (joined.length > maxCharacters) return joined;
  }
  return joined ?? '';
}

/** A part without a type is a text only if it has no other member: an image must not be ranked by its caption. */
function partText(part: unknown): string | undefined {
  if (typeof part === 'string') return part;
  if (!isJsonObject(part)) return undefined;
  const { type, text } = part;
  const isText =
    type === undefined ? !Object.keys(part).some((name) => mediaMember.test(name)) : textPartTypes.includes(type);
  return isText && typeof text === 'string' ? text : undefined;
}

/** Whether an object has media and nothing else that could be ranked. */
function isMedia(value: JsonObject): boolean {
  const given = Object.keys(value).filter((name) => value[name] !== null && value[name] !== undefined);
  const { type } = value;
  const isTyped = typeof type === 'string' && mediaMember.test(type);
  return (
    (isTyped || given.some((name) => mediaMember.test(name))) &&
    given.every((name) => mediaMember.test(name) || mediaLabels.has(name))
  );
}
