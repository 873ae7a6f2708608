import { Button } from '@mantine/core';
import { IconLanguage } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type Language, htmlLang, ownName } from '../i18n/language';
import { chooseLanguage } from '../i18n/start';

/** Switches to the other language. Its label is in that language. */
export function LanguageButton() {
  const { i18n } = useTranslation();
  const other: Language = i18n.language === 'zh' ? 'en' : 'zh';
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      lang={htmlLang[other]}
      leftSection={<IconLanguage size={16} aria-hidden className="page-roomy" />}
      onClick={() => void chooseLanguage(other)}
    >
      {ownName[other]}
    </Button>
  );
}
