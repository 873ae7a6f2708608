import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { downloadText } from '../page/download';
import { toCsv, toJson } from '../sharing/export';
import { useGrading } from './grades';
import { type Outcome, sidesOf } from './run';

/** Results as a file; a comparison gives one for each side. */
export function ExportMenu({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation();
  const { grades } = useGrading();
  const isComparison = outcome.mode === 'compare';
  const download = (kind: 'csv' | 'json') => {
    for (const [side, ranked] of sidesOf(outcome)) {
      const exported = { ...ranked, grades };
      const text = kind === 'csv' ? toCsv(exported, { hasByteOrderMark: true }) : toJson(exported);
      const type = kind === 'csv' ? 'text/csv' : 'application/json';
      downloadText(`ranking${isComparison ? `-${side}` : ''}.${kind}`, { text, type });
    }
  };
  return (
    <Menu>
      <Menu.Target>
        <Button variant="subtle" size="compact-sm" leftSection={<IconDownload size={16} aria-hidden />}>
          {t('export.button')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => download('csv')}>{t('export.csv')}</Menu.Item>
        <Menu.Item onClick={() => download('json')}>{t('export.json')}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
