import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CopyState } from './use-copy';

/** What came of copying; the name of a button that changes is not read aloud. */
export function CopyStatus({ state }: { state: CopyState }) {
  const { t } = useTranslation();
  return (
    <Text size="sm" role="status" className="page-notice">
      {state !== 'idle' && t(state === 'copied' ? 'page.copied' : 'page.copyFailed')}
    </Text>
  );
}
