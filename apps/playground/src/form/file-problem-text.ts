import type { TFunction } from 'i18next';
import { fileExtensions } from '../documents/parse-file';
import type { FileProblem } from '../documents/file-content';

export const bytesPerMegabyte = 1_000_000;

/** The supported file extensions, for display. */
export const extensionList = fileExtensions.map((extension) => `.${extension}`).join(' ');

/** Why a file contains no documents, with the remedy. */
export function fileProblemText(t: TFunction, problem: FileProblem): string {
  switch (problem.code) {
    case 'unsupported_type':
      return t('file.unsupported_type', { extensions: extensionList });
    case 'too_large':
      return t('file.too_large', {
        size: problem.sizeBytes / bytesPerMegabyte,
        limit: problem.limitBytes / bytesPerMegabyte,
      });
    case 'invalid_json':
      return problem.line === null ? t('file.invalid_json') : t('file.invalid_json_line', { line: problem.line });
    case 'invalid_csv':
      return t('file.invalid_csv', problem);
    case 'unreadable':
    case 'not_unicode':
    case 'binary':
    case 'empty':
    case 'no_documents':
      return t(`file.${problem.code}`);
    default:
      return problem satisfies never;
  }
}
