import { Group, Stack, Title } from '@mantine/core';
import type { FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { DocumentsField } from './documents-field';
import { ExamplesMenu } from './examples-menu';
import { KeyField } from './key-field';
import { QueryField } from './query-field';
import { RunBar } from './run-bar';
import { Sides } from './sides';
import { useSubmit } from './use-submit';

/** The request form: query, documents, model and the second side of a comparison. */
export function RequestForm() {
  const { t } = useTranslation();
  const { submit } = useSubmit();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit();
  };
  return (
    <section className="page-request" aria-labelledby="request-heading">
      <KeyField />
      <form onSubmit={onSubmit} noValidate>
        <Stack gap="md">
          <Group justify="space-between" wrap="nowrap">
            <Title order={2} id="request-heading">
              {t('form.heading')}
            </Title>
            <ExamplesMenu />
          </Group>
          <QueryField />
          <DocumentsField />
          <Sides />
          <RunBar />
        </Stack>
      </form>
    </section>
  );
}
