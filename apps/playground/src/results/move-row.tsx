import { UnstyledButton, VisuallyHidden } from '@mantine/core';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Movement } from '../ranking/order';
import { MovementBadge, movementText } from './movement';
import classes from './moves.module.css';

interface MoveRowProps {
  side: 'before' | 'after';
  move: Movement;
  text: string;
  isActive: boolean;
  /** Null: none. */
  onActive: (index: number | null) => void;
  idPrefix: string;
}

/** One document in one of the two orders. A click goes to its position in the other order. */
export const MoveRow = memo(function MoveRow({ side, move, text, isActive, onActive, idPrefix }: MoveRowProps) {
  const { t } = useTranslation();
  const { index } = move;
  const other = side === 'before' ? 'after' : 'before';
  return (
    <li>
      <UnstyledButton
        id={`${idPrefix}-${side}-${index}`}
        className={classes.row}
        data-active={isActive || undefined}
        onClick={() => document.getElementById(`${idPrefix}-${other}-${index}`)?.focus()}
        onFocus={() => onActive(index)}
        onBlur={() => onActive(null)}
        onMouseEnter={() => onActive(index)}
        onMouseLeave={() => onActive(null)}
      >
        <span className={classes.position} aria-hidden>
          {move[side]}
        </span>
        <VisuallyHidden>
          {side === 'before'
            ? t('moves.goAfter', { position: move.before, rank: move.after })
            : t('moves.goBefore', { rank: move.after, movement: movementText(t, move) })}
        </VisuallyHidden>
        <span className={classes.text}>{text}</span>
        {side === 'after' && <MovementBadge gained={move.gained} />}
      </UnstyledButton>
    </li>
  );
});
