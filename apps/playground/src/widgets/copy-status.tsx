import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CopyState } from './use-copy';

/** Announces the result of copying, because screen readers do not announce a changed button name. */
export function CopyStatus({ state }: { state: CopyState }) {
  const { t } = useTranslation();
  return (
    <Text size="sm" role="status" className="page-notice">
      {state !== 'idle' && t(state === 'copied' ? 'page.copied' : 'page.copyFailed')}
    </Text>
  );
}
