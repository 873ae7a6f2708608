import { memo, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useModels } from '../fleet/use-models';
import { movements } from '../ranking/order';
import { ResultItem } from './result-item';
import classes from './results.module.css';
import type { Ranked } from '../run/run';
import { ShowMore } from './show-more';
import { useShown } from './use-shown';

interface ResultListProps {
  ranked: Ranked;
  /** Number of first documents at or above the threshold. */
  staying: number;
}

export const ResultList = memo(function ResultList({ ranked: { request, ranking }, staying }: ResultListProps) {
  const { t } = useTranslation();
  const { models } = useModels();
  const { results, truncated } = ranking;
  const moved = useMemo(() => movements(results), [results]);
  const cuts = useMemo(() => new Map(truncated.map((each) => [each.index, each])), [truncated]);
  const limitTokens = models.find(({ root, version }) => `${root}@${version}` === ranking.model)?.maxLengthTokens;
  const list = useShown(results.length);
  return (
    <>
      {/* Safari removes the list role from a list without markers. */}
      <ol role="list" className={classes.list} aria-label={t('results.list')}>
        {results.slice(0, list.shown).map((result, position) => (
          <ResultItem
            key={result.index}
            text={request.documents[result.index] ?? ''}
            result={result}
            movement={moved[position]!}
            truncation={cuts.get(result.index)}
            limitTokens={limitTokens}
            isBelow={position >= staying}
          />
        ))}
      </ol>
      <ShowMore list={list} count={results.length} />
    </>
  );
});
