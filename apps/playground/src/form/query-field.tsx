import { Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDraft, useDraftDispatch } from '../draft/draft-context';
import { findingText, fieldOf } from './findings';
import { useSubmit } from './use-submit';

export function QueryField() {
  const { t } = useTranslation();
  const { query } = useDraft();
  const dispatch = useDraftDispatch();
  const finding = useSubmit().findings.a.find((each) => fieldOf(each) === 'query');
  return (
    <Textarea
      id="query"
      label={t('form.query.label')}
      placeholder={t('form.query.placeholder')}
      autosize
      minRows={2}
      maxRows={6}
      value={query}
      onChange={({ currentTarget }) => dispatch({ type: 'changed', fields: { query: currentTarget.value } })}
      error={finding && findingText(t, finding)}
    />
  );
}
