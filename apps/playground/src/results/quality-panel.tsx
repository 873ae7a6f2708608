import { Button, Group, Paper, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../i18n/use-formats';
import { Figure } from '../widgets/figure';
import type { Ranking } from '../ranking/client';
import { rankingQuality } from '../ranking/quality';
import { FailureText } from './failure-text';
import { useGrading } from './grades';
import { useFeedback } from './use-feedback';

const depth = 10;

/** The quality of the order by the grades so far, and the button that sends them to the gateway. */
export function QualityPanel({ ranking }: { ranking: Ranking }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { isOn, grades } = useGrading();
  const feedback = useFeedback(ranking);
  if (!isOn) return null;
  const { ndcg, reciprocalRank } = rankingQuality(ranking.order, grades, depth);
  const figure = (value: number | null) => (value === null ? t('grades.none') : formats.score(value));
  return (
    <Paper p="sm" mb="sm">
      <Text size="sm" mb="xs">
        {t('grades.hint')}
      </Text>
      <Group component="dl" gap="xl" my={0} align="flex-end">
        <Figure name={t('grades.ndcg', { depth })} value={figure(ndcg)} />
        <Figure name={t('grades.mrr')} value={figure(reciprocalRank)} />
      </Group>
      <Group mt="sm" gap="sm">
        <Button variant="default" size="xs" disabled={grades.size === 0} onClick={() => void feedback.send(grades)}>
          {t('grades.send')}
        </Button>
        <Text size="sm" role="status">
          {feedback.receipt && t(feedback.receipt.counted ? 'grades.sent' : 'grades.sentBefore')}
        </Text>
      </Group>
      {feedback.failure && <FailureText failure={feedback.failure} />}
    </Paper>
  );
}
