import { IconArrowDown, IconArrowUp, IconMinus } from '@tabler/icons-react';
import type { TFunction } from 'i18next';
import type { Movement } from '../ranking/order';
import classes from './results.module.css';

type Moved = Pick<Movement, 'gained' | 'before'>;

/** A movement in words: "up 3 places, was 5". */
export function movementText(t: TFunction, { gained, before }: Moved): string {
  if (gained === 0) return t('item.same');
  return gained > 0 ? t('item.up', { count: gained, before }) : t('item.down', { count: -gained, before });
}

/** A movement as `+3` or `-2` with an arrow. It needs the movement in words beside it. */
export function MovementBadge({ gained }: { gained: number }) {
  const Icon = gained > 0 ? IconArrowUp : gained < 0 ? IconArrowDown : IconMinus;
  const direction = gained > 0 ? 'up' : gained < 0 ? 'down' : 'same';
  return (
    <span className={classes.movement} data-direction={direction} aria-hidden>
      <Icon size={13} />
      {gained !== 0 && `${gained > 0 ? '+' : '−'}${Math.abs(gained)}`}
    </span>
  );
}
