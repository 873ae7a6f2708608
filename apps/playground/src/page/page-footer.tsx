import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function PageFooter() {
  const { t } = useTranslation();
  return (
    <footer className="page-footer">
      <Text size="xs" c="dimmed">
        {t('page.privacy')}
      </Text>
    </footer>
  );
}
