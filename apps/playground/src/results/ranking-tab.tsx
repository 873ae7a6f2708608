import { Group, Switch } from '@mantine/core';
import { useDeferredValue, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useDraft } from '../draft/draft-context';
import { countFrom } from '../ranking/order';
import { useGrading } from './grades';
import { QualityPanel } from './quality-panel';
import { ResultList } from './result-list';
import type { Ranked } from '../run/run';
import { ThresholdControl } from './threshold-control';

/** The documents, best first, with the threshold and the grades. */
export function RankingTab({ ranked }: { ranked: Ranked }) {
  const { t } = useTranslation();
  const { isOn, toggle } = useGrading();
  const threshold = useDeferredValue(useDraft().threshold);
  const { results } = ranked.ranking;
  const staying = useMemo(() => countFrom(results, threshold), [results, threshold]);
  return (
    <>
      <Group gap="xl" mb="md" align="flex-end" wrap="wrap">
        <ThresholdControl staying={staying} total={results.length} />
        <Switch label={t('grades.toggle')} checked={isOn} onChange={toggle} />
      </Group>
      <QualityPanel ranking={ranked.ranking} />
      <ResultList ranked={ranked} staying={staying} />
    </>
  );
}
