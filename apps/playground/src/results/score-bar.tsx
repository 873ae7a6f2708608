import classes from './results.module.css';

/** A score as a bar. Hidden from screen readers, because the number is beside it. */
export function ScoreBar({ score }: { score: number }) {
  return (
    <span className={classes.bar} data-testid="score-bar" aria-hidden>
      <span className={classes.barFill} style={{ inlineSize: `${Math.min(1, Math.max(0, score)) * 100}%` }} />
    </span>
  );
}
