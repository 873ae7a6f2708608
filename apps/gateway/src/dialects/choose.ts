import type { Result } from '@rerank-fleet/contract';
import type { EndpointFamily } from './families';
import { refused } from '../http/failure';
import { cohere } from './cohere';
import { dashScope } from './dash-scope';
import { deepInfra } from './deep-infra';
import { isJsonObject, type JsonObject } from '../http/json-object';
import type { Dialect } from './dialect';
import { huggingFace } from './hugging-face';
import { infinity } from './infinity';
import { isaacus } from './isaacus';
import { mixedbread } from './mixedbread';
import { nvidia } from './nvidia';
import { openRouter } from './open-router';
import { pinecone } from './pinecone';
import { score } from './score';
import { tei } from './tei';
import { voyage } from './voyage';
import { weaviate } from './weaviate';
import { zeroEntropy } from './zero-entropy';

/** The dialect for errors of an endpoint while the body is unknown, or fits no dialect. */
export const fallbackDialects: Readonly<Record<EndpointFamily, Dialect>> = {
  'body-decides': cohere,
  voyage,
  'hugging-face': huggingFace,
  infinity,
  'dash-scope': dashScope,
  nvidia,
  pinecone,
  openrouter: openRouter,
  score,
  deepinfra: deepInfra,
  zeroentropy: zeroEntropy,
  isaacus,
};

type Choice = Result<{ dialect: Dialect }>;

/** The dialect of a body. */
export function chooseDialect(family: EndpointFamily, body: JsonObject): Choice {
  if (family === 'body-decides')
    return chooseByList(body, { ...listDialects, documents: isForWeaviate(body) ? weaviate : cohere });
  if (family === 'hugging-face') return chooseByList(body, { documents: huggingFace, texts: tei });
  return { ok: true, dialect: fallbackDialects[family] };
}

/** The dialects by the name of their list of texts. */
type DialectByList = Readonly<Record<string, Dialect>>;

const listDialects = {
  documents: cohere,
  texts: tei,
  passages: nvidia,
  'input.documents': dashScope,
  input: mixedbread,
};

/** Whether the body has a member that only Weaviate's bodies have. */
function isForWeaviate(body: JsonObject): boolean {
  return typeof body['property'] === 'string';
}

/** Refuses a body with two lists, because either of them may be meant. */
function chooseByList(body: JsonObject, dialects: DialectByList): Choice {
  const given = Object.entries(dialects).filter(([list]) => isGiven(body, list));
  const [first, second] = given;
  if (second) {
    const names = given.map(([list]) => `\`${list}\``).join(' and ');
    return refused('invalid_type', `Send one list of texts, not ${names} together.`, { field: second[0] });
  }
  if (first) return { ok: true, dialect: first[1] };
  const [usual = '', ...others] = Object.keys(dialects);
  const message = `\`${usual}\` (or ${others.map((list) => `\`${list}\``).join(', ')}) is missing: the list of texts to rank.`;
  return refused('invalid_type', message, { field: usual });
}

/**
 * Whether the list is given. `input` is DashScope's as an object and mixedbread's as a list; otherwise it is ignored.
 */
function isGiven(body: JsonObject, list: string): boolean {
  const { input } = body;
  if (list === 'input') return Array.isArray(input);
  if (list === 'input.documents') return isJsonObject(input) && isPresent(input['documents']);
  return isPresent(body[list]);
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}
