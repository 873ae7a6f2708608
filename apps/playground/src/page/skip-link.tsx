import { Anchor } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** The first element in the tab order. It is visible only while it has the focus. */
export function SkipLink() {
  const { t } = useTranslation();
  return (
    <Anchor href="#results" className="page-skip">
      {t('page.skip')}
    </Anchor>
  );
}
