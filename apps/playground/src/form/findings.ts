import type { LimitFinding } from '../documents/limits';
import type { TFunction } from 'i18next';
import type { Side } from '../draft/draft';
import { bytesPerMegabyte } from './file-problem-text';

/** The field of the form that shows a finding. */
export type FindingField = 'query' | 'documents' | 'instruction';

export function fieldOf({ code }: LimitFinding): FindingField {
  switch (code) {
    case 'no_query':
    case 'query_too_long':
      return 'query';
    case 'no_documents':
    case 'too_many_documents':
    case 'document_too_long':
    case 'body_too_large':
      return 'documents';
    case 'instruction_too_long':
      return 'instruction';
    default:
      return code satisfies never;
  }
}

/** The `id` of the control to which a finding refers. */
export function fieldId(finding: LimitFinding, side: Side): string {
  const field = fieldOf(finding);
  return field === 'instruction' ? instructionId(side) : field;
}

export function instructionId(side: Side): string {
  return `instruction-${side}`;
}

/** Whether something is missing. Such a finding is shown only after an attempt to run. */
export function isMissing({ code }: LimitFinding): boolean {
  return code === 'no_query' || code === 'no_documents';
}

/** A finding as a sentence with its remedy. */
export function findingText(t: TFunction, finding: LimitFinding): string {
  switch (finding.code) {
    case 'no_query':
    case 'no_documents':
      return t(`finding.${finding.code}`);
    case 'too_many_documents':
      return t('finding.too_many_documents', finding);
    case 'document_too_long':
      return t('finding.document_too_long', { ...finding, position: finding.index + 1 });
    case 'query_too_long':
    case 'instruction_too_long':
      return t(`finding.${finding.code}`, finding);
    case 'body_too_large':
      return t('finding.body_too_large', {
        size: finding.sizeBytes / bytesPerMegabyte,
        limit: finding.limitBytes / bytesPerMegabyte,
      });
    default:
      return finding satisfies never;
  }
}
