import { isBlank } from './blank-text';
import { isJsonObject, type JsonObject } from '../http/json-object';

/** The place inside an element of what is no text, such as `.content[1]`; empty when it is the element itself. */
export interface NoText {
  noTextAt: string;
}

/** What an element says, or where it says something that is no text. */
export type ReadText = string | NoText;

export function isText(read: ReadText): read is string {
  return typeof read === 'string';
}

/** A text, or what clients send in its place: `{text}`, content parts, or an image or the like, which is then refused. */
export type Content = string | JsonObject | readonly JsonObject[];

/** Members that hold something else than text, as OpenAI, vLLM, Jina, Cohere, Voyage and DashScope name them. */
const mediaMember = /^(?:input_)?(?:images?|audio|videos?|file|pdf)(?:_(?:urls?|base64|embeds|bytes|id))?$/;

/** What stands beside such a member without being a text of its own. */
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

/** Whether an element can be read as text, or be refused by its place; anything else has a wrong type. */
export function isContent(value: unknown): value is Content {
  if (typeof value === 'string' || isPartList(value)) return true;
  return (
    isJsonObject(value) && (typeof value['text'] === 'string' || Array.isArray(value['content']) || isMedia(value))
  );
}

/** A list of objects, and not an empty one. */
export function isPartList(value: unknown): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every(isJsonObject);
}

/** Whether all parts of a list say what kind they are: a list of parts wherever it stands. */
export function isTypedPartList(value: unknown): value is readonly JsonObject[] {
  return isPartList(value) && value.every((part) => typeof part['type'] === 'string');
}

/**
 * The text of an element: of an object its `text`, else its `content` where that is a list of parts. Undefined for an
 * object that has neither and is no image or the like. A text of parts that passes `maxCharacters` ends with the part that
 * made it pass.
 */
export function contentText(content: Content, maxCharacters: number): ReadText | undefined {
  if (typeof content === 'string') return content;
  if (isPartList(content)) return partsText(content, { maxCharacters });
  const { text, content: parts } = content;
  if (typeof text === 'string' && !(isBlank(text) && isMedia(content))) return text;
  if (Array.isArray(parts)) return partsText(parts, { maxCharacters, place: '.content' });
  return isMedia(content) ? { noTextAt: '' } : undefined;
}

/** Parts that are texts, one per line, as vLLM joins them, up to what passes `maxCharacters`; or the first that is none. */
export function partsText(
  parts: readonly unknown[],
  { maxCharacters, place = '' }: { maxCharacters: number; place?: string },
): ReadText {
  let joined: string | undefined;
  for (const [index, part] of parts.entries()) {
    const text = partText(part);
    if (text === undefined) return { noTextAt: `${place}[${index}]` };
    joined = joined === undefined ? text : `${joined}\n${text}`;
    if (joined.length > maxCharacters) return joined;
  }
  return joined ?? '';
}

/** A part without a type is text only where nothing else is in it: an image with a caption is not to be ranked by that. */
function partText(part: unknown): string | undefined {
  if (typeof part === 'string') return part;
  if (!isJsonObject(part)) return undefined;
  const { type, text } = part;
  const isText =
    type === undefined ? !Object.keys(part).some((name) => mediaMember.test(name)) : textPartTypes.includes(type);
  return isText && typeof text === 'string' ? text : undefined;
}

/** An object that holds an image or the like and nothing that could be ranked in its stead. */
function isMedia(value: JsonObject): boolean {
  const given = Object.keys(value).filter((name) => value[name] !== null && value[name] !== undefined);
  const { type } = value;
  const isTyped = typeof type === 'string' && mediaMember.test(type);
  return (
    (isTyped || given.some((name) => mediaMember.test(name))) &&
    given.every((name) => mediaMember.test(name) || mediaLabels.has(name))
  );
}
