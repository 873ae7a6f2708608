import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Example } from '../documents/examples';
import { htmlLang } from '../i18n/language';

/** The topic and the query of an example. */
export function ExampleLabel({ example: { titleKey, language, query } }: { example: Example }) {
  const { t } = useTranslation();
  return (
    <>
      <Text span display="block" size="xs" c="dimmed">
        {t(titleKey)}
      </Text>
      <span lang={htmlLang[language]}>{query}</span>
    </>
  );
}
