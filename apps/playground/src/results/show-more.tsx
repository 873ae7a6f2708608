import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { useShown } from './use-shown';

export function ShowMore({ list, count }: { list: ReturnType<typeof useShown>; count: number }) {
  const { t } = useTranslation();
  if (list.more === 0) return null;
  return (
    <Group justify="center" mt="md" gap="sm">
      <Text size="sm" c="dimmed">
        {t('results.showing', { shown: list.shown, count })}
      </Text>
      <Button variant="default" size="xs" onClick={list.showMore}>
        {t('results.showMore', { count: list.more })}
      </Button>
      <Button variant="default" size="xs" onClick={list.showAll}>
        {t('results.showAll', { count })}
      </Button>
    </Group>
  );
}
