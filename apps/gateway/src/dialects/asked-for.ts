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

/** The options that dialects accept, as parsed by their schemas. Each dialect accepts some of them. */
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

/** Where the members of a dialect's bodies are. Dots separate the levels of a path. */
export interface MemberNames {
  /** The list of texts: `documents`, `input.documents`. */
  listField: string;
  /** Default: `query`. */
  queryField?: string;
  /** Whether documents are returned by default. */
  returnsByDefault?: boolean;
  /** Values that apply to every body of the dialect. */
  always?: Partial<Pick<AskedFor, 'returnDocuments' | 'rawScores'>>;
  /** An object that contains all options except the model. Default: the body itself. */
  optionsField?: string;
}

/** What a body asks for. An option that the dialect does not accept has its default. */
export interface AskedFor extends Omit<RerankRequest, 'query' | 'documents' | 'truncationSide'> {
  query: Content;
  /** The elements as received. Their texts are built one by one, up to the first that is refused. */
  documents: readonly Content[];
  /** Members of documents that are ranked instead of the whole object. */
  rankFields: readonly string[] | null | undefined;
}

/** Reads what a body asks for. Its schema must have checked the members. */
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
