import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Ranking } from '../ranking/client';
import { TimingBar } from './timing-bar';
import classes from './results.module.css';

/** The number of documents, the model, the duration and the number of tokens. */
export function Summary({ ranking }: { ranking: Ranking }) {
  const { t } = useTranslation();
  const { results, model, roundTripMs, totalTokens, queryTokens, truncated } = ranking;
  return (
    <div>
      <Text size="sm" className="page-figures">
        {t('results.summary', { count: results.length, ms: Math.round(roundTripMs), model })}
      </Text>
      <p className={classes.facts}>
        <span>
          {t('results.tokens', { count: totalTokens })}
          {queryTokens !== null && ` (${t('results.query', { count: queryTokens })})`}
        </span>
        {truncated.length > 0 && <span>{t('results.cut', { count: truncated.length })}</span>}
      </p>
      <TimingBar ranking={ranking} />
    </div>
  );
}
