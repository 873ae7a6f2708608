import type { RerankRequest } from '@rerank-fleet/contract';
import type { z } from './zod';
import type { Content } from './content-parts';
import {
  type activationOptions,
  countOf,
  type flagOption,
  flagOf,
  isSet,
  limitOf,
  type limitOptions,
  modelName,
  wantsRawScores,
} from './fields';
import { valueAt } from './value-at';

type Flag = z.infer<typeof flagOption>;
type Text = string | null | undefined;
type Count = number | null | undefined;

/** The options that dialects take, as their schemas give them; each dialect takes some. */
export interface TakenMembers
  extends z.infer<z.ZodObject<typeof limitOptions>>, Partial<z.infer<z.ZodObject<typeof activationOptions>>> {
  model?: Text;
  instruction?: Text;
  instruct?: Text;
  rank_fields?: readonly string[] | null | undefined;
  return_documents?: Flag;
  return_text?: Flag;
  return_input?: Flag;
  return_tokens?: Flag;
  max_tokens_per_doc?: Count;
  priority?: Count;
}

/** Where the members of a dialect's bodies are, with dots where they lie deeper. */
export interface MemberNames {
  /** The texts: `documents`, `input.documents`. */
  listField: string;
  /** `query` unless said. */
  queryField?: string;
  /** Documents come back unless the body says otherwise. */
  returnsByDefault?: boolean;
  /** What every body asks for. */
  always?: Partial<Pick<AskedFor, 'returnDocuments' | 'rawScores'>>;
  /** An object that holds all options but the model; the body itself unless said. */
  optionsField?: string;
}

/** What a body asks for; a dialect that does not take an option leaves it at its default. */
export interface AskedFor extends Omit<RerankRequest, 'query' | 'documents' | 'truncationSide'> {
  query: Content;
  /** The elements as they came; their texts are built one by one, and none past the first that is refused. */
  documents: readonly Content[];
  /** Members of objects that are ranked in their stead. */
  rankFields: readonly string[] | null | undefined;
}

/** Reads what a body asks for, after its schema has checked the members. */
export function askedFor(
  body: TakenMembers,
  { listField, queryField = 'query', optionsField, returnsByDefault = false, always }: MemberNames,
): AskedFor {
  const options = optionsField === undefined ? body : ((valueAt(body, optionsField) ?? {}) as TakenMembers);
  return {
    model: modelName(body.model),
    query: valueAt(body, queryField) as Content,
    documents: valueAt(body, listField) as readonly Content[],
    rankFields: options.rank_fields,
    instruction: options.instruction ?? options.instruct ?? undefined,
    topN: limitOf(options),
    returnDocuments:
      flagOf(options.return_documents ?? options.return_text ?? options.return_input) ?? returnsByDefault,
    rawScores: wantsRawScores(options),
    returnTokens: isSet(options.return_tokens),
    maxTokensPerDocument: countOf(options.max_tokens_per_doc),
    priority: options.priority ?? 0,
    ...always,
  };
}
