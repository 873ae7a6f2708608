import { Badge, Progress } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FleetModel } from '../ranking/fleet';
import classes from './fleet.module.css';

/** Each model of the fleet with its workers, speed and backlog. */
export function FleetModels({ models }: { models: readonly FleetModel[] }) {
  const { t } = useTranslation();
  return (
    <ul role="list" className={classes.models} aria-label={t('fleet.modelDetails')}>
      {models.map((model) => (
        <ModelEntry key={model.queue} model={model} />
      ))}
    </ul>
  );
}

function ModelEntry({ model }: { model: FleetModel }) {
  const { t } = useTranslation();
  const { queue, isDefault, dtype, provider, workers, sessions, queuedTokens, limitTokens, tokensPerSecond } = model;
  return (
    <li className={classes.model}>
      <p className={classes.modelName}>
        {queue}
        {isDefault && (
          <Badge variant="outline" size="sm" color="gray">
            {t('fleet.default')}
          </Badge>
        )}
      </p>
      <p className={classes.modelFacts}>
        {dtype} · {provider.toUpperCase()} ·{' '}
        {workers === 0 ? t('fleet.notServed') : t('fleet.sessions', { workers, count: sessions })}
        {tokensPerSecond !== null && ` · ${t('fleet.tokensPerSecond', { value: Math.round(tokensPerSecond) })}`}
      </p>
      <div>
        <Progress aria-hidden size="sm" value={Math.min(100, (100 * queuedTokens) / limitTokens)} />
        <p className={classes.modelFacts}>{t('fleet.used', { tokens: queuedTokens, limit: limitTokens })}</p>
      </div>
    </li>
  );
}
