import { Stack, Tabs } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Side } from '../draft/draft';
import type { ResultsTab } from '../results/results-tab';
import type { Ranked } from '../run/run';
import { CodeTab } from '../snippets/code-tab';
import { JsonTab } from '../snippets/json-tab';
import { SidePicker } from './side-picker';
import { SidesTab } from './sides-tab';

interface ComparisonViewProps {
  sides: Record<Side, Ranked>;
  tab: Exclude<ResultsTab, 'moves'>;
  onTab: (tab: ResultsTab) => void;
}

/** Two rankings of the same documents. */
export function ComparisonView({ sides, tab, onTab }: ComparisonViewProps) {
  const { t } = useTranslation();
  const [side, setSide] = useState<Side>('a');
  return (
    <Tabs value={tab} onChange={(value) => onTab(value as ResultsTab)} keepMounted={false}>
      <Tabs.List aria-label={t('results.view')} mb="md">
        <Tabs.Tab value="main">{t('results.tabs.sides')}</Tabs.Tab>
        <Tabs.Tab value="code">{t('results.tabs.code')}</Tabs.Tab>
        <Tabs.Tab value="json">{t('results.tabs.json')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="main">
        <SidesTab sides={sides} />
      </Tabs.Panel>
      <Tabs.Panel value="code">
        <Stack gap="sm">
          <SidePicker side={side} onSide={setSide} />
          <CodeTab request={sides[side].request} />
        </Stack>
      </Tabs.Panel>
      <Tabs.Panel value="json">
        <Stack gap="sm">
          <SidePicker side={side} onSide={setSide} />
          <JsonTab ranked={sides[side]} />
        </Stack>
      </Tabs.Panel>
    </Tabs>
  );
}
