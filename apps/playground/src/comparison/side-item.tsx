import { VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Side } from '../draft/draft';
import { useFormats } from '../i18n/use-formats';
import type { ComparedDocument } from '../ranking/compare';
import { MovementBadge } from '../results/movement';
import { ScoreBar } from '../results/score-bar';
import classes from './comparison.module.css';

interface SideItemProps {
  side: Side;
  score: number;
  text: string;
  positions: ComparedDocument | undefined;
  isActive: boolean;
  /** Null: none. */
  onActive: (index: number | null) => void;
}

/** A document on one side, with its rank on the other side. */
export const SideItem = memo(function SideItem({ side, score, text, positions, isActive, onActive }: SideItemProps) {
  const { t } = useTranslation();
  const formats = useFormats();
  if (!positions) return null;
  const { index, left, right, gained } = positions;
  const [here, there] = side === 'a' ? [left, right] : [right, left];
  const elsewhere = t('compare.elsewhere', { side: t(`form.side.${side === 'a' ? 'b' : 'a'}`), rank: there });
  return (
    <li
      className={classes.item}
      data-differs={gained !== 0 || undefined}
      data-active={isActive || undefined}
      onMouseEnter={() => onActive(index)}
      onMouseLeave={() => onActive(null)}
    >
      <span className={classes.position} aria-hidden>
        {here}
      </span>
      <VisuallyHidden>
        {t('compare.words', { rank: here, score: formats.score(score) })} {gained === 0 ? t('compare.same') : elsewhere}
      </VisuallyHidden>
      <div className={classes.content}>
        <div className={classes.head} aria-hidden>
          <span className={classes.score}>{formats.score(score)}</span>
          <ScoreBar score={score} />
          {gained !== 0 && <span className={classes.elsewhere}>{elsewhere}</span>}
          {side === 'b' && <MovementBadge gained={gained} />}
        </div>
        <p className={classes.text}>{text}</p>
      </div>
    </li>
  );
});
