import type { Ranking, RerankRequest } from '@rerank-fleet/contract';
import type { ParsedRequest } from '../dialects/dialect';
import { isBlank } from '../dialects/blank-text';
import { blankLogit } from './blank-documents';

/** What warnings are made from, once a request is ranked. */
export interface WarningFacts {
  parsed: ParsedRequest;
  ranking: Ranking;
  /** Places of the documents in which nothing shows. */
  blank: readonly number[];
  /** Whether the model that ranked reads an instruction; undefined: not known. */
  takesInstruction: boolean | undefined;
}

/**
 * What a caller should know of a ranking: options without effect, and documents that were not scored. Sentences of ASCII
 * without a semicolon, of bounded length, and never a word of the request.
 */
export function warningsOf({ parsed, ranking, blank, takesInstruction }: WarningFacts): string[] {
  const { request, warnings, wantsWhole } = parsed;
  const ignoresInstruction = takesInstruction === false && !isBlank(request.instruction ?? '');
  return [
    ...(warnings ?? []),
    ...(ignoresInstruction ? ['`instruction` has no effect: this model takes none.'] : []),
    ...cutWarnings(ranking, request, wantsWhole),
    ...(blank.length === 0 ? [] : [blankWarning(blank)]),
  ];
}

function cutWarnings({ truncated }: Ranking, request: RerankRequest, wantsWhole: string | undefined): string[] {
  if (truncated.length === 0) return [];
  const fromRight = request.truncationSide === 'left' && truncated.some(({ side }) => side !== 'left');
  return [
    ...(wantsWhole === undefined ? [] : [`\`${wantsWhole}\` has no effect: documents too long were cut all the same.`]),
    ...(fromRight ? ['Documents were cut from the right: a worker of an older version cannot do otherwise.'] : []),
  ];
}

/** How many places one sentence names. */
const namedPlaces = 50;

function blankWarning(blank: readonly number[]): string {
  const named = blank.slice(0, namedPlaces).join(', ');
  const more = blank.length > namedPlaces ? ` and ${blank.length - namedPlaces} more` : '';
  return `Nothing to read in documents ${named}${more}: not scored, relevance 0 (raw ${blankLogit}), ranked last.`;
}

const headerCharacters = 2_000;

/** The same as one header, for answers that have no place: as many sentences as fit. */
export function warningsHeader(warnings: readonly string[]): string {
  let header = '';
  for (const warning of warnings) {
    const longer = header === '' ? warning : `${header}; ${warning}`;
    if (longer.length <= headerCharacters) header = longer;
  }
  return header;
}
