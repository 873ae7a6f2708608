import { Group, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { HistoryButton } from '../history/history-button';
import icon from '../icon.svg';
import { ColourSchemeMenu } from './colour-scheme-menu';
import { LanguageButton } from './language-button';
import { ShareButton } from './share-button';

export function PageHeader() {
  const { t } = useTranslation();
  return (
    <header className="page-header">
      <Group gap="xs" wrap="nowrap">
        <img src={icon} alt="" width={28} height={28} />
        <Title order={1}>
          {t('page.name')} <span className="page-kind">{t('page.kind')}</span>
        </Title>
      </Group>
      <Group gap={4} wrap="nowrap">
        <HistoryButton />
        <ShareButton />
        <LanguageButton />
        <ColourSchemeMenu />
      </Group>
    </header>
  );
}
