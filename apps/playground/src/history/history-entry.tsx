import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../i18n/use-formats';
import type { Run } from '../sharing/history';
import classes from './history.module.css';

export function HistoryEntry({ run, onOpen }: { run: Run; onOpen: (run: Run) => void }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { form, model, atMs } = run;
  return (
    <li>
      <UnstyledButton className={classes.run} onClick={() => onOpen(run)}>
        <span className={classes.query}>{form.query}</span>
        <span className={classes.facts}>
          {t('form.documents.count', { count: form.documents.length })} · {model}
          {form.mode === 'compare' && ` · ${t('history.compare')}`}
        </span>
        <span className={classes.facts}>{formats.when(atMs)}</span>
      </UnstyledButton>
    </li>
  );
}
