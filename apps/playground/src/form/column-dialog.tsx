import { Button, Checkbox, Group, List, Modal, Radio, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentColumn } from '../documents/parse-file';
import type { Columns, useDocumentFile } from './use-document-file';

/** Asks which column of a table or member of objects contains the documents. */
export function ColumnDialog({ file }: { file: ReturnType<typeof useDocumentFile> }) {
  const { t } = useTranslation();
  const { state, forget, open, take } = file;
  const columns = state.kind === 'choosing' ? state.columns : undefined;
  return (
    <Modal
      opened={columns !== undefined}
      onClose={forget}
      title={t('columns.title')}
      closeButtonProps={{ 'aria-label': t('page.close') }}
    >
      {state.kind === 'choosing' && (
        <ColumnChoice
          // Other columns need a new choice.
          key={String(state.columns.hasHeader)}
          columns={state.columns}
          onHeader={(hasHeader) => void open(state.file, hasHeader)}
          onChoose={({ documents }) => take(documents, state.columns.query)}
          onCancel={forget}
        />
      )}
    </Modal>
  );
}

interface ColumnChoiceProps {
  columns: Columns;
  onHeader: (hasHeader: boolean) => void;
  onChoose: (column: DocumentColumn) => void;
  onCancel: () => void;
}

function ColumnChoice({ columns: { columns, suggested, hasHeader }, onHeader, onChoose, onCancel }: ColumnChoiceProps) {
  const { t } = useTranslation();
  const [position, setPosition] = useState(suggested);
  const chosen = columns[position];
  return (
    <Stack>
      {hasHeader !== null && (
        <Checkbox
          label={t('columns.header')}
          checked={hasHeader}
          onChange={({ currentTarget }) => onHeader(currentTarget.checked)}
        />
      )}
      <Radio.Group
        label={t('columns.choose')}
        value={String(position)}
        onChange={(value) => setPosition(Number(value))}
      >
        <Stack gap="xs" mt="xs">
          {columns.map((column, index) => (
            <ColumnRadio key={index} column={column} position={index} />
          ))}
        </Stack>
      </Radio.Group>
      {chosen && <Preview documents={chosen.documents} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          {t('columns.cancel')}
        </Button>
        <Button disabled={!chosen} onClick={() => chosen && onChoose(chosen)}>
          {t('columns.use', { count: chosen?.documents.length ?? 0 })}
        </Button>
      </Group>
    </Stack>
  );
}

function ColumnRadio({ column, position }: { column: DocumentColumn; position: number }) {
  const { t } = useTranslation();
  const { name, documents, averageCharacters } = column;
  return (
    <Radio
      value={String(position)}
      label={name ?? t('columns.unnamed', { position: position + 1 })}
      description={t('columns.facts', { count: documents.length, length: Math.round(averageCharacters) })}
    />
  );
}

const previewed = 3;

function Preview({ documents }: { documents: readonly string[] }) {
  const { t } = useTranslation();
  return (
    <div>
      <Text size="sm" fw={600}>
        {t('columns.preview')}
      </Text>
      <List size="sm" c="dimmed">
        {documents.slice(0, previewed).map((document, index) => (
          <List.Item key={index}>
            <Text size="sm" lineClamp={2}>
              {document}
            </Text>
          </List.Item>
        ))}
      </List>
    </div>
  );
}
