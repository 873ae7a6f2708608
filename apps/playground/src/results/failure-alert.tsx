import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { FailureText } from './failure-text';
import classes from './results.module.css';
import { RetryButton } from './retry-button';
import type { RunFailure } from '../run/run';

/** Why a run failed. The button is outside of the announced region, because its countdown changes every second. */
export function FailureAlert({ failure, side }: RunFailure) {
  const { t } = useTranslation();
  return (
    <Alert
      role="group"
      variant="default"
      className={classes.failure}
      icon={<IconAlertTriangle aria-hidden />}
      aria-label={t('failure.label')}
    >
      {side && (
        <Text size="sm" fw={600}>
          {t('form.side.name', { side: t(`form.side.${side}`) })}
        </Text>
      )}
      <FailureText failure={failure} />
      <RetryButton retryAfterS={'retryAfterS' in failure ? failure.retryAfterS : null} />
    </Alert>
  );
}
