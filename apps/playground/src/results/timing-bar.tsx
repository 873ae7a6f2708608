import { Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Ranking } from '../ranking/client';
import classes from './results.module.css';
import { timingOf } from './timings';

/** A bar for the total time of a ranking, with the times of its steps below. */
export function TimingBar({ ranking }: { ranking: Ranking }) {
  const { t } = useTranslation();
  const timing = timingOf(ranking);
  if (!timing) {
    return <p className={classes.facts}>{t('timing.missing', { ms: Math.round(ranking.roundTripMs) })}</p>;
  }
  return (
    <div role="group" aria-label={t('timing.label')}>
      <Progress.Root size={10} aria-hidden className={classes.timingBar}>
        {timing.map(({ part, percent }) => (
          <Progress.Section key={part} value={percent} withAria={false} className={classes.timing} data-part={part} />
        ))}
      </Progress.Root>
      <dl className={classes.timingLegend}>
        {timing.map(({ part, ms }) => (
          <div key={part} className={classes.timingEntry}>
            <dt>
              <span className={classes.swatch} data-part={part} aria-hidden /> {t(`timing.${part}`)}
            </dt>
            <dd>{t('timing.total', { ms: rounded(ms) })}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Whole milliseconds; below 10 ms with one decimal. */
function rounded(ms: number): number {
  return ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms);
}
