import { Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Side } from '../draft/draft';
import type { ComparedDocument } from '../ranking/compare';
import type { Ranked } from '../run/run';
import { ShowMore } from '../results/show-more';
import { TimingBar } from '../results/timing-bar';
import { useShown } from '../results/use-shown';
import classes from './comparison.module.css';
import { SideItem } from './side-item';

interface SideColumnProps {
  side: Side;
  ranked: Ranked;
  /** The positions of each document on both sides, by index. */
  positions: ReadonlyMap<number, ComparedDocument>;
  onlyDifferences: boolean;
  active: number | null;
  onActive: (index: number | null) => void;
}

export function SideColumn({ side, ranked, positions, onlyDifferences, active, onActive }: SideColumnProps) {
  const { t } = useTranslation();
  const { request, ranking } = ranked;
  const name = t('compare.sideOf', { side: t(`form.side.${side}`), model: ranking.model });
  const listed = ranking.results.filter(({ index }) => !onlyDifferences || positions.get(index)?.gained !== 0);
  const list = useShown(listed.length);
  return (
    <section className={classes.column} aria-label={name}>
      <Title order={3}>{name}</Title>
      {request.instruction !== '' && (
        <Text size="sm" c="dimmed" lineClamp={3}>
          {t('compare.instruction', { text: request.instruction })}
        </Text>
      )}
      <TimingBar ranking={ranking} />
      {listed.length === 0 && <Text size="sm">{t('compare.noneDiffer')}</Text>}
      <ol role="list" className={classes.list} aria-label={t('results.list')}>
        {listed.slice(0, list.shown).map(({ index, score }) => (
          <SideItem
            key={index}
            side={side}
            score={score}
            text={request.documents[index] ?? ''}
            positions={positions.get(index)}
            isActive={index === active}
            onActive={onActive}
          />
        ))}
      </ol>
      <ShowMore list={list} count={listed.length} />
    </section>
  );
}
