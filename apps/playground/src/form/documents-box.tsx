import { Button, Paper, Text, Textarea } from '@mantine/core';
import type { ClipboardEvent } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { detectLayout } from '../documents/parse-text';
import type { DraftDocuments } from '../draft/draft';
import { useDraftDispatch } from '../draft/draft-context';

/** The documents as editable text, or a notice about a list that cannot be shown as text. */
export function DocumentsBox({ documents, isInvalid }: { documents: DraftDocuments; isInvalid: boolean }) {
  const { t } = useTranslation();
  const dispatch = useDraftDispatch();
  if (documents.kind === 'list') return <DocumentsList count={documents.documents.length} />;
  const { text, layout } = documents;
  const onPaste = ({ clipboardData }: ClipboardEvent) => {
    // The first paste determines how documents are separated.
    if (text.trim() !== '') return;
    const pasted = detectLayout(clipboardData.getData('text/plain'));
    dispatch({ type: 'changed', fields: { documents: { kind: 'text', text, layout: pasted } } });
  };
  return (
    <Textarea
      id="documents"
      aria-labelledby="documents-label"
      aria-describedby={isInvalid ? 'documents-error documents-count' : 'documents-count'}
      placeholder={t('form.documents.placeholder')}
      rows={8}
      resize="vertical"
      value={text}
      error={isInvalid}
      onPaste={onPaste}
      onChange={({ currentTarget }) =>
        dispatch({ type: 'changed', fields: { documents: { kind: 'text', text: currentTarget.value, layout } } })
      }
    />
  );
}

function DocumentsList({ count }: { count: number }) {
  const { t } = useTranslation();
  const dispatch = useDraftDispatch();
  return (
    <Paper p="md" id="documents" tabIndex={-1} role="group" aria-labelledby="documents-label">
      <Text fw={600}>{t('form.documents.list', { count })}</Text>
      <Text size="sm" c="dimmed" mb="sm">
        {t('form.documents.listWhy')}
      </Text>
      <Button
        variant="default"
        size="xs"
        onClick={() => {
          flushSync(() =>
            dispatch({ type: 'changed', fields: { documents: { kind: 'text', text: '', layout: 'lines' } } }),
          );
          document.getElementById('documents')?.focus();
        }}
      >
        {t('form.documents.clear')}
      </Button>
    </Paper>
  );
}
