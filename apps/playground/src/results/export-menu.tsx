import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { downloadText } from '../widgets/download';
import type { Grades } from '../ranking/quality';
import { type CsvOptions, comparisonToCsv, comparisonToJson, toCsv, toJson } from '../sharing/export';
import { useGrading } from './grades';
import type { Outcome } from '../run/run';

/** Exports the results as a file. The file of a comparison has both sides. */
export function ExportMenu({ outcome }: { outcome: Outcome }) {
  const { t } = useTranslation();
  const { grades } = useGrading();
  const download = (kind: FileKind) => {
    const name = outcome.mode === 'compare' ? 'comparison' : 'ranking';
    const type = kind === 'csv' ? 'text/csv' : 'application/json';
    downloadText(`${name}.${kind}`, { text: textOf(outcome, { kind, grades }), type });
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

type FileKind = 'csv' | 'json';

/** CSV is for spreadsheets. */
const csvOptions: CsvOptions = { hasByteOrderMark: true };

function textOf(outcome: Outcome, { kind, grades }: { kind: FileKind; grades: Grades }): string {
  if (outcome.mode === 'rank') {
    const exported = { ...outcome.ranked, grades };
    return kind === 'csv' ? toCsv(exported, csvOptions) : toJson(exported);
  }
  const exported = { a: { ...outcome.a, grades }, b: { ...outcome.b, grades } };
  return kind === 'csv' ? comparisonToCsv(exported, csvOptions) : comparisonToJson(exported);
}
