import { Group, SegmentedControl, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { TextLayout } from '../documents/parse-text';
import { useDraft, useDraftDispatch } from '../draft/draft-context';
import { useSubmit } from './use-submit';

/** The number of documents, its limit, and how the text separates documents. */
export function DocumentsFoot({ limit }: { limit: number | undefined }) {
  const { t } = useTranslation();
  const { documents } = useDraft();
  const { documents: count } = useSubmit();
  const dispatch = useDraftDispatch();
  return (
    <Group justify="space-between" gap="xs" my={6}>
      <Text size="sm" id="documents-count" className="page-figures">
        {t('form.documents.count', { count })}
        {limit !== undefined && (
          <Text span c="dimmed">
            {', '}
            {t('form.documents.limit', { limit })}
          </Text>
        )}
      </Text>
      {documents.kind === 'text' && (
        <SegmentedControl<TextLayout>
          aria-label={t('form.documents.layout')}
          value={documents.layout}
          onChange={(layout) => dispatch({ type: 'changed', fields: { documents: { ...documents, layout } } })}
          data={[
            { value: 'lines', label: t('form.documents.lines') },
            { value: 'blocks', label: t('form.documents.blocks') },
          ]}
        />
      )}
    </Group>
  );
}
