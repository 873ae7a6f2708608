import { useTranslation } from 'react-i18next';
import { useFormats } from '../i18n/use-formats';
import { Figure } from '../widgets/figure';
import type { FleetState } from '../ranking/fleet';
import classes from './fleet.module.css';
import { drainSeconds } from './view';

/** Workers, speed and backlog of the whole fleet. */
export function FleetFigures({ fleet }: { fleet: FleetState }) {
  const { t } = useTranslation();
  const { workers, gateways, tokensPerSecond } = fleet;
  const backlog = useBacklog(fleet);
  const speed =
    tokensPerSecond === null
      ? t('fleet.notMeasured')
      : t('fleet.tokensPerSecond', { value: Math.round(tokensPerSecond) });
  return (
    <dl className={classes.figures}>
      <Figure isInline name={t('fleet.workers')} value={t('fleet.number', { value: workers })} />
      <Figure isInline name={t('fleet.speed')} value={speed} />
      <Figure isInline name={t('fleet.backlog')} value={backlog} />
      <Figure isInline name={t('fleet.gateways')} value={t('fleet.number', { value: gateways })} />
    </dl>
  );
}

/** The backlog: as time if the fleet's speed is known, otherwise as tokens. */
function useBacklog(fleet: FleetState): string {
  const { t } = useTranslation();
  const formats = useFormats();
  if (fleet.queuedTokens === 0) return t('fleet.backlogNone');
  const seconds = drainSeconds(fleet);
  return seconds === null
    ? t('fleet.backlogTokens', { tokens: fleet.queuedTokens })
    : t('fleet.backlogSeconds', { seconds: formats.oneDecimal(seconds) });
}
