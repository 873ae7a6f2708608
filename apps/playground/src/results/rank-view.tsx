import { Stack, Tabs } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CodeTab } from '../snippets/code-tab';
import { JsonTab } from '../snippets/json-tab';
import { MovesTab } from './moves-tab';
import { RankingTab } from './ranking-tab';
import type { ResultsTab } from './results-tab';
import type { Ranked } from '../run/run';
import { Summary } from './summary';

interface RankViewProps {
  ranked: Ranked;
  tab: ResultsTab;
  onTab: (tab: ResultsTab) => void;
}

/** One ranking: a summary and four views. */
export function RankView({ ranked, tab, onTab }: RankViewProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="md">
      <Summary ranking={ranked.ranking} />
      <Tabs value={tab} onChange={(value) => onTab(value as ResultsTab)} keepMounted={false}>
        <Tabs.List aria-label={t('results.view')} mb="md">
          <Tabs.Tab value="main">{t('results.tabs.ranking')}</Tabs.Tab>
          <Tabs.Tab value="moves">{t('results.tabs.moves')}</Tabs.Tab>
          <Tabs.Tab value="code">{t('results.tabs.code')}</Tabs.Tab>
          <Tabs.Tab value="json">{t('results.tabs.json')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="main">
          <RankingTab ranked={ranked} />
        </Tabs.Panel>
        <Tabs.Panel value="moves">
          <MovesTab ranked={ranked} />
        </Tabs.Panel>
        <Tabs.Panel value="code">
          <CodeTab request={ranked.request} />
        </Tabs.Panel>
        <Tabs.Panel value="json">
          <JsonTab ranked={ranked} />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
}
