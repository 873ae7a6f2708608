import type { CSSProperties } from 'react';
import type { Movement } from '../ranking/order';
import classes from './moves.module.css';

export interface MoveLink extends Pick<Movement, 'index' | 'before' | 'after' | 'gained'> {
  isActive: boolean;
}

/** Width of the drawing, and length of the horizontal ends of a line. Heights are in rows. */
const width = 100;
const bend = 45;

/** A line per document from its old position to its new one. Hidden from screen readers, which read the rows. */
export function MoveLines({ links, rows }: { links: readonly MoveLink[]; rows: number }) {
  return (
    <svg
      className={classes.lines}
      viewBox={`0 0 ${width} ${rows}`}
      style={{ '--rows': rows } as CSSProperties}
      preserveAspectRatio="none"
      aria-hidden
    >
      {links.map(({ index, before, after, gained, isActive }) => (
        <path
          key={index}
          d={`M0 ${before - 0.5} C${bend} ${before - 0.5} ${width - bend} ${after - 0.5} ${width} ${after - 0.5}`}
          data-direction={gained > 0 ? 'up' : gained < 0 ? 'down' : 'same'}
          data-active={isActive || undefined}
        />
      ))}
    </svg>
  );
}
