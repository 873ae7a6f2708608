import { VisuallyHidden } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { type RunState, sidesOf } from '../run/run';
import { useRun } from '../run/use-run';

/** Announces the state of a run to screen readers. A failure has its own alert. */
export function Announcer() {
  const { t } = useTranslation();
  return (
    <VisuallyHidden role="status" aria-live="polite" data-testid="announcement">
      {announcement(t, useRun())}
    </VisuallyHidden>
  );
}

const firstCharacters = 80;

function announcement(t: TFunction, { phase, outcome }: RunState): string {
  if (phase.kind === 'running') return t('run.ranking', { count: phase.documents });
  if (phase.kind === 'cancelled') return t('run.cancelled');
  if (phase.kind !== 'done' || !outcome) return '';
  const ms = Math.round(Math.max(...sidesOf(outcome).map(([, { ranking }]) => ranking.roundTripMs)));
  if (outcome.mode === 'compare') return t('run.compared', { ms });
  const { request, ranking } = outcome.ranked;
  const first = request.documents[ranking.order[0] ?? 0]?.slice(0, firstCharacters) ?? '';
  return t('run.done', { count: ranking.results.length, ms, first });
}
