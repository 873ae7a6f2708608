import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CallFailure } from '../ranking/failure';

/** A failure in sentences: the error, the remedy and the gateway's message. */
export function FailureText({ failure }: { failure: CallFailure }) {
  const { t } = useTranslation();
  const { kind, message, requestId } = failure;
  return (
    <div role="alert">
      <Text fw={600}>{t(`failure.title.${kind}`)}</Text>
      <Text size="sm">{t(`failure.fix.${kind}`)}</Text>
      {message !== null && (
        <Text size="sm" mt={4}>
          {t('failure.gatewayMessage', { message })}
        </Text>
      )}
      {requestId !== null && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('failure.requestId', { id: requestId })}
        </Text>
      )}
    </div>
  );
}
