import { Button, Drawer, Stack, Switch, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconHistory } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useDraftDispatch } from '../draft/draft-context';
import { HeaderButton } from '../widgets/header-button';
import { type Run, historyLength } from '../sharing/history';
import { HistoryEntry } from './history-entry';
import classes from './history.module.css';
import { useHistory } from './use-history';

/** The last runs. Choosing one puts it back in the form. */
export function HistoryButton() {
  const { t } = useTranslation();
  const [isOpen, { open, close }] = useDisclosure(false);
  const dispatch = useDraftDispatch();
  const { runs, isKept, keep, clear } = useHistory();
  const restore = ({ form }: Run) => {
    dispatch({ type: 'formLoaded', form });
    close();
  };
  return (
    <>
      <HeaderButton icon={IconHistory} label={t('history.button')} onClick={open} />
      <Drawer
        opened={isOpen}
        onClose={close}
        position="right"
        title={t('history.title')}
        closeButtonProps={{ 'aria-label': t('page.close') }}
      >
        <Stack gap="md">
          <Switch
            label={t('history.keep')}
            description={t('history.where', { count: historyLength })}
            checked={isKept}
            onChange={({ currentTarget }) => keep(currentTarget.checked)}
          />
          {runs.length === 0 ? (
            <Text size="sm">{t(isKept ? 'history.none' : 'history.off')}</Text>
          ) : (
            <>
              <ol role="list" className={classes.runs}>
                {runs.map((run) => (
                  <HistoryEntry key={run.atMs} run={run} onOpen={restore} />
                ))}
              </ol>
              <Button variant="default" onClick={clear}>
                {t('history.clear')}
              </Button>
            </>
          )}
        </Stack>
      </Drawer>
    </>
  );
}
