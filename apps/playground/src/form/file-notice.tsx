import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { fileProblemText } from './file-problem-text';
import type { FileState } from './use-document-file';

/** The notice about a file, which screen readers announce. */
export function FileNotice({ state }: { state: FileState }) {
  const { t } = useTranslation();
  const isProblem = state.kind === 'problem' || state.kind === 'refused';
  return (
    <Text
      size="sm"
      role={isProblem ? 'alert' : 'status'}
      c={isProblem ? 'var(--mantine-color-error)' : 'dimmed'}
      className="page-notice"
    >
      {state.kind === 'reading' && t('form.documents.reading')}
      {state.kind === 'loaded' && t('form.documents.loaded', { count: state.count })}
      {state.kind === 'problem' && fileProblemText(t, state.problem)}
      {state.kind === 'refused' && t('file.one')}
    </Text>
  );
}
