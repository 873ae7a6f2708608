import { Button, Group, Kbd } from '@mantine/core';
import { useOs } from '@mantine/hooks';
import { IconPlayerPlay, IconX } from '@tabler/icons-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useRun, useRunActions } from '../run/use-run';
import { useDraft } from '../draft/draft-context';
import classes from './form.module.css';

/** The buttons to run and cancel. On a phone the bar stays at the bottom of the screen. */
export function RunBar() {
  const { t } = useTranslation();
  const { mode } = useDraft();
  const { phase } = useRun();
  const { cancel } = useRunActions();
  const runButton = useRef<HTMLButtonElement>(null);
  return (
    <Group className={classes.runBar} gap="sm" wrap="nowrap">
      <Button
        ref={runButton}
        type="submit"
        size="md"
        className={classes.run}
        leftSection={<IconPlayerPlay size={18} aria-hidden />}
        rightSection={<RunKeys />}
      >
        {t(mode === 'rank' ? 'form.run' : 'form.runCompare')}
      </Button>
      {phase.kind === 'running' && (
        <Button
          variant="default"
          size="md"
          leftSection={<IconX size={18} aria-hidden />}
          rightSection={<Keys keys="Esc" />}
          onClick={() => {
            runButton.current?.focus();
            cancel();
          }}
        >
          {t('form.cancel')}
        </Button>
      )}
    </Group>
  );
}

function RunKeys() {
  const os = useOs();
  return <Keys keys={os === 'macos' ? '⌘ Enter' : 'Ctrl Enter'} />;
}

/** Not part of the button's accessible name. Too few screen readers support `aria-keyshortcuts`. */
function Keys({ keys }: { keys: string }) {
  return (
    <Kbd size="xs" className={classes.keys} visibleFrom="sm" aria-hidden>
      {keys}
    </Kbd>
  );
}
