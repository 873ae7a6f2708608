import { Alert, Button, Group, PasswordInput, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useGateway } from '../gateway/gateway';

/** Asks for the API key after the gateway has refused a call without a valid key. */
export function KeyField() {
  const { t } = useTranslation();
  const { apiKey, wantsKey, enterKey } = useGateway();
  const [typed, setTyped] = useState(apiKey);
  if (!wantsKey) return null;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    enterKey(typed);
    document.getElementById('query')?.focus();
  };
  return (
    <Alert role="group" aria-labelledby="key-why" icon={<IconKey aria-hidden />} mb="md">
      <Text id="key-why" size="sm" mb="xs">
        {t('key.why')}
      </Text>
      <form onSubmit={onSubmit}>
        <Group align="flex-end" gap="xs" wrap="nowrap">
          <PasswordInput
            id="api-key"
            flex={1}
            label={t('key.label')}
            autoComplete="off"
            // No call succeeds before the key is entered.
            autoFocus
            value={typed}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            error={apiKey !== '' && typed === apiKey && t('key.wrong')}
          />
          <Button type="submit">{t('key.use')}</Button>
        </Group>
      </form>
    </Alert>
  );
}
