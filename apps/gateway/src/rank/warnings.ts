import type { Ranking, RerankRequest } from '@rerank-fleet/contract';
import type { ParsedRequest } from '../dialects/dialect';
import { isBlank } from '../dialects/blank-text';
import { blankLogit } from './blank-documents';

/** The input of warnings, once a request is ranked. */
export interface WarningFacts {
  parsed: ParsedRequest;
  ranking: Ranking;
  /** Indices of the documents without visible text. */
  blank: readonly number[];
  /** Whether the model that ranked reads an instruction; undefined: not known. */
  takesInstruction: boolean | undefined;
}

/**
 * Warnings about a ranking: options without effect, and documents that were not scored. ASCII sentences without a
 * semicolon, of limited length, without any text of the request.
 */
export function warningsOf({ parsed, ranking, blank, takesInstruction }: WarningFacts): string[] {
  const { request, warnings, noCutOption } = parsed;
  const ignoresInstruction = takesInstruction === false && !isBlank(request.instruction ?? '');
  return [
    ...(warnings ?? []),
    ...(ignoresInstruction ? ['`instruction` has no effect: this model takes none.'] : []),
    ...cutWarnings(ranking, request, noCutOption),
    ...(blank.length === 0 ? [] : [blankWarning(blank)]),
  ];
}

function cutWarnings({ truncated }: Ranking, request: RerankRequest, noCutOption: string | undefined): string[] {
  if (truncated.length === 0) return [];
  const fromRight = request.truncationSide === 'left' && truncated.some(({ side }) => side !== 'left');
  return [
    ...(noCutOption === undefined
      ? []
      : [`\`${noCutOption}\` has no effect: documents that are too long were truncated.`]),
    ...(fromRight ? ['Documents were truncated from the right: an older worker does not support the left.'] : []),
  ];
}

/** The most document indices in one sentence. */
const listedMax = 50;

function blankWarning(blank: readonly number[]): string {
  const listed = blank.slice(0, listedMax).join(', ');
  const more = blank.length > listedMax ? ` and ${blank.length - listedMax} more` : '';
  return `No visible text in documents ${listed}${more}: not scored, relevance 0 (raw ${blankLogit}), ranked last.`;
}

const headerCharacters = 2_000;

/** The warnings as one header, for bodies without a member for them. Sentences that do not fit are left out. */
export function warningsHeader(warnings: readonly string[]): string {
  let header = '';
  for (const warning of warnings) {
    const longer = header === '' ? warning : `${header}; ${warning}`;
    if (longer.length <= headerCharacters) header = longer;
  }
  return header;
}
