import { Group, Paper, SegmentedControl, Text, Title } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../i18n/use-formats';
import { Figure } from '../widgets/figure';
import { compareRankings } from '../ranking/compare';
import type { ScoredDocument } from '../ranking/order';
import classes from './comparison.module.css';
import { tauWords } from './tau-words';

const depths = [1, 3, 5, 10];

/** How much two rankings agree: figures with their meaning. */
export function Agreement({ a, b }: { a: readonly ScoredDocument[]; b: readonly ScoredDocument[] }) {
  const { t } = useTranslation();
  const formats = useFormats();
  const [wanted, setWanted] = useState(3);
  const compared = useMemo(() => compareRankings(a, b, wanted), [a, b, wanted]);
  if (!compared) return null;
  const { kendallTauB: tau, overlap, depth, meanAbsoluteScoreDifference, movers } = compared;
  const moved = movers.filter(({ gained }) => gained !== 0).length;
  const words = t(`compare.tauWords.${tauWords(tau)}`);
  return (
    <Paper p="md" mb="md">
      <Group justify="space-between" mb="xs">
        <Title order={3}>{t('compare.heading')}</Title>
        <SegmentedControl
          aria-label={t('compare.depth')}
          value={String(wanted)}
          onChange={(value) => setWanted(Number(value))}
          data={depths.map((each) => ({ value: String(each), label: `@${each}` }))}
        />
      </Group>
      <dl className={classes.figures}>
        <Figure name={t('compare.tau')} value={tau === null ? words : `${formats.twoDecimals(tau)}, ${words}`} />
        <Figure name={t('compare.overlap', { depth })} value={formats.percent(overlap)} />
        <Figure name={t('compare.difference')} value={formats.score(meanAbsoluteScoreDifference)} />
      </dl>
      <Text size="sm" mt="xs">
        {moved === 0 ? t('compare.noneDiffer') : t('compare.moved', { count: moved })}
      </Text>
    </Paper>
  );
}
