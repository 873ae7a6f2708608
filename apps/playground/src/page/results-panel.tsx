import { Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ComparisonView } from '../comparison/comparison-view';
import { EmptyResults } from '../results/empty-results';
import { ExportMenu } from '../results/export-menu';
import { FailureAlert } from '../results/failure-alert';
import { GradingProvider } from '../results/grades';
import { RankView } from '../results/rank-view';
import type { ResultsTab } from '../results/results-tab';
import { ResultsHeading } from '../run/results-heading';
import type { Outcome } from '../run/run';
import { RunProgress } from '../results/run-progress';
import { useRun } from '../run/use-run';

/** The state of the run: not started, running or failed; and the last ranking. */
export function ResultsPanel() {
  const { t } = useTranslation();
  const { phase, outcome, started, succeeded } = useRun();
  const [tab, setTab] = useState<ResultsTab>('main');
  const isRunning = phase.kind === 'running';
  return (
    <section className="page-results" aria-labelledby="results" aria-busy={isRunning}>
      <GradingProvider run={succeeded}>
        <Stack gap="md">
          <Group justify="space-between" wrap="nowrap" mih={26}>
            <ResultsHeading />
            {outcome && <ExportMenu outcome={outcome} />}
          </Group>
          {isRunning && <RunProgress key={started} {...phase} />}
          {phase.kind === 'failed' && <FailureAlert {...phase} />}
          {outcome && (
            <div>
              {phase.kind !== 'done' && (
                <Text size="sm" fw={600} mb="xs">
                  {t('results.before')}
                </Text>
              )}
              <OutcomeView key={succeeded} outcome={outcome} tab={tab} onTab={setTab} />
            </div>
          )}
          {!outcome && phase.kind !== 'failed' && !isRunning && <EmptyResults />}
        </Stack>
      </GradingProvider>
    </section>
  );
}

interface OutcomeViewProps {
  outcome: Outcome;
  tab: ResultsTab;
  onTab: (tab: ResultsTab) => void;
}

function OutcomeView({ outcome, tab, onTab }: OutcomeViewProps) {
  return outcome.mode === 'rank' ? (
    <RankView ranked={outcome.ranked} tab={tab} onTab={onTab} />
  ) : (
    <ComparisonView sides={outcome} tab={tab === 'moves' ? 'main' : tab} onTab={onTab} />
  );
}
