import { Group, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconHourglassHigh,
  IconLock,
  IconPlugConnectedX,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './fleet.module.css';
import { type FleetHealth, type FleetView, healthOf } from './view';

type StatusKey = FleetHealth | 'waiting' | 'locked' | 'unreachable';

const icons = {
  ready: <IconCircleCheck size={16} aria-hidden />,
  busy: <IconHourglassHigh size={16} aria-hidden />,
  redisAway: <IconAlertTriangle size={16} aria-hidden />,
  noWorker: <IconAlertTriangle size={16} aria-hidden />,
  noModels: <IconAlertTriangle size={16} aria-hidden />,
  waiting: <IconCircleDashed size={16} aria-hidden />,
  locked: <IconLock size={16} aria-hidden />,
  unreachable: <IconPlugConnectedX size={16} aria-hidden />,
} satisfies Record<StatusKey, ReactNode>;

/** The fleet's state in one or two words. It is announced only when it changes. */
export function FleetStatus({ view }: { view: FleetView }) {
  const { t } = useTranslation();
  const key = statusKey(view);
  return (
    <Group gap={6} wrap="nowrap" className={classes.status} data-status={key}>
      {key && icons[key]}
      <Text size="sm" fw={600} role="status">
        {key ? `${t('fleet.label')}: ${t(`fleet.${key}`)}` : t('fleet.label')}
      </Text>
    </Group>
  );
}

function statusKey(view: FleetView): StatusKey | undefined {
  switch (view.kind) {
    case 'known':
      return healthOf(view.fleet);
    case 'waiting':
    case 'locked':
    case 'unreachable':
      return view.kind;
    case 'absent':
      return undefined;
    default:
      return view satisfies never;
  }
}
