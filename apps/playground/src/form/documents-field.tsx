import { Dropzone } from '@mantine/dropzone';
import { Button, Group, Input, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useModels } from '../fleet/use-models';
import { ColumnDialog } from './column-dialog';
import { DocumentsBox } from './documents-box';
import { DocumentsFoot } from './documents-foot';
import { modelOf } from '../draft/draft';
import { useDraft } from '../draft/draft-context';
import { FileNotice } from './file-notice';
import { bytesPerMegabyte, extensionList } from './file-problem-text';
import { fieldOf, findingText } from './findings';
import classes from './form.module.css';
import { useDocumentFile } from './use-document-file';
import { useSubmit } from './use-submit';

/** The documents: typed, pasted, or read from a file that is opened or dropped on the box. */
export function DocumentsField() {
  const { t } = useTranslation();
  const { documents, model } = useDraft();
  const { models } = useModels();
  const { findings } = useSubmit();
  const file = useDocumentFile();
  const openDialog = useRef<() => void>(null);
  const finding = findings.a.find((each) => fieldOf(each) === 'documents');
  return (
    <div>
      <Head onOpen={() => openDialog.current?.()} />
      <Dropzone
        className={classes.drop}
        openRef={openDialog}
        multiple={false}
        activateOnClick={false}
        activateOnKeyboard={false}
        enablePointerEvents
        tabIndex={-1}
        inputProps={{ 'aria-label': t('form.documents.open'), tabIndex: -1 }}
        onDrop={([first]) => first && void file.open(first)}
        onReject={file.refuse}
      >
        <DocumentsBox documents={documents} isInvalid={finding !== undefined} />
        <Dropzone.Accept>
          <Text className={classes.dropHere}>{t('form.documents.drop')}</Text>
        </Dropzone.Accept>
      </Dropzone>
      {finding && (
        <Input.Error id="documents-error" mt={4}>
          {findingText(t, finding)}
        </Input.Error>
      )}
      <DocumentsFoot limit={modelOf(models, model)?.limits.maxDocuments} />
      <Input.Description id="documents-kinds">
        {t('form.documents.kinds', { extensions: extensionList, megabytes: file.limitBytes / bytesPerMegabyte })}
      </Input.Description>
      <FileNotice state={file.state} />
      <ColumnDialog file={file} />
    </div>
  );
}

function Head({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" align="flex-end" wrap="nowrap" mb={4}>
      <Input.Label htmlFor="documents" id="documents-label">
        {t('form.documents.label')}
      </Input.Label>
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<IconFileUpload size={16} aria-hidden />}
        onClick={onOpen}
      >
        {t('form.documents.open')}
      </Button>
    </Group>
  );
}
