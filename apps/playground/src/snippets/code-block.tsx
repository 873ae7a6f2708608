import { Button, Code, Group, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { CopyStatus } from '../widgets/copy-status';
import { useCopy } from '../widgets/use-copy';
import classes from './code-block.module.css';

/** Longer text is cut for display, because rendering it would block the page. */
const shownCharacters = 20_000;

interface CodeBlockProps {
  code: string;
  /** The accessible name of the region, unique on the page. */
  label: string;
  copyLabel: string;
}

/** Text in a monospaced font, with a button that copies all of it. */
export function CodeBlock({ code, label, copyLabel }: CodeBlockProps) {
  const { t } = useTranslation();
  const { state, copy } = useCopy();
  const Icon = state === 'copied' ? IconCheck : IconCopy;
  const isShortened = code.length > shownCharacters;
  return (
    <div>
      <Group justify="space-between" gap="xs" mb="xs">
        <div>
          {isShortened && (
            <Text size="sm" c="dimmed">
              {t('code.shortened', { limit: shownCharacters, count: code.length })}
            </Text>
          )}
          <CopyStatus state={state} />
        </div>
        <Button
          variant="default"
          size="xs"
          leftSection={<Icon size={14} aria-hidden />}
          onClick={() => void copy(code)}
        >
          {state === 'copied' ? t('page.copied') : copyLabel}
        </Button>
      </Group>
      {/* A scrollable region must be reachable by keyboard. */}
      <Code block className={classes.code} tabIndex={0} role="region" aria-label={label}>
        {isShortened ? `${code.slice(0, shownCharacters)}…` : code}
      </Code>
    </div>
  );
}
