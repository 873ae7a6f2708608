import { SegmentedControl, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rankPayload } from '../ranking/request';
import type { Ranked } from '../run/run';
import { CodeBlock } from './code-block';

type Message = 'request' | 'answer';

/** The request and the answer, unchanged except for the indentation. */
export function JsonTab({ ranked: { request, ranking } }: { ranked: Ranked }) {
  const { t } = useTranslation();
  const [which, setWhich] = useState<Message>('request');
  const json = useMemo(
    () => indented(which === 'request' ? rankPayload(request) : ranking.answer),
    [which, request, ranking],
  );
  return (
    <Stack gap="sm">
      <SegmentedControl<Message>
        aria-label={t('json.which')}
        w="max-content"
        value={which}
        onChange={setWhich}
        data={[
          { value: 'request', label: t('json.request') },
          { value: 'answer', label: t('json.answer') },
        ]}
      />
      <CodeBlock code={json} label={t(`json.${which}Label`)} copyLabel={t('json.copy')} />
    </Stack>
  );
}

function indented(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}
