import { Text, Title, UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { ExampleLabel } from '../form/example-label';
import { examplesIn, useExample } from '../form/use-example';
import type { Language } from '../i18n/language';
import { focusResults } from '../run/results-heading';
import classes from './results.module.css';

/** Explains the results area before the first run, and offers examples. */
export function EmptyResults() {
  const { t, i18n } = useTranslation();
  const tryExample = useExample();
  const language = i18n.language as Language;
  return (
    <div className={classes.empty}>
      <Title order={3}>{t('empty.title')}</Title>
      <Text size="sm" c="dimmed" mt={4} mb="md" maw="56ch">
        {t('empty.text')}
      </Text>
      <ul role="list" className={classes.examples}>
        {examplesIn(language).map((example) => (
          <li key={example.id}>
            <UnstyledButton
              className={classes.example}
              onClick={() => {
                focusResults();
                tryExample(example);
              }}
            >
              <ExampleLabel example={example} />
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
