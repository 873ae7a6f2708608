import { VisuallyHidden } from '@mantine/core';
import { IconScissors } from '@tabler/icons-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../i18n/use-formats';
import type { RankedDocument, Truncation } from '../ranking/client';
import type { Movement } from '../ranking/order';
import { DocumentText } from './document-text';
import { GradeControl } from './grade-control';
import { MovementBadge, movementText } from './movement';
import classes from './results.module.css';
import { ScoreBar } from './score-bar';

export interface ResultItemProps {
  text: string;
  result: RankedDocument;
  movement: Movement;
  truncation: Truncation | undefined;
  /** The largest number of tokens that the model reads. */
  limitTokens: number | undefined;
  isBelow: boolean;
}

/** One document of the ranking. */
export const ResultItem = memo(function ResultItem(props: ResultItemProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  const { text, result, movement, truncation, isBelow } = props;
  const score = formats.score(result.score);
  return (
    <li className={classes.item} data-below={isBelow || undefined}>
      <span className={classes.position} aria-hidden>
        {movement.after}
      </span>
      <div className={classes.content}>
        <VisuallyHidden>
          {t('item.words', { rank: movement.after, score, movement: movementText(t, movement) })}
          {isBelow && ` ${t('item.below')}`}
        </VisuallyHidden>
        <div className={classes.head} aria-hidden>
          <span className={classes.score}>{score}</span>
          <ScoreBar score={result.score} />
          <MovementBadge gained={movement.gained} />
        </div>
        <DocumentText text={text} readCharacters={truncation?.keptCharacters ?? null} />
        <Facts {...props} />
        <GradeControl index={result.index} />
      </div>
    </li>
  );
});

function Facts({ result, movement, truncation, limitTokens }: ResultItemProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <p className={classes.facts}>
      <span>{t('item.document', { position: result.index + 1 })}</span>
      {result.tokens !== null && <span>{t('results.tokens', { count: result.tokens })}</span>}
      {result.logit !== null && <span>{t('item.logit', { logit: formats.logit(result.logit) })}</span>}
      {movement.isTied && <span>{t('item.tied')}</span>}
      {truncation && (
        <span className={classes.cut}>
          <IconScissors size={13} aria-hidden />{' '}
          {t('item.cut', { kept: truncation.keptTokens, tokens: truncation.tokens })}
          {limitTokens !== undefined && `; ${t('item.limit', { limit: limitTokens })}`}
        </span>
      )}
    </p>
  );
}
