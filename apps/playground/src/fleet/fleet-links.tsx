import { Anchor, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FleetState } from '../ranking/fleet';
import classes from './fleet.module.css';
import { isReachable } from './reachable';

/** The links from the gateway's configuration, and a link to its API reference. */
export function FleetLinks({ links }: { links: FleetState['links'] | undefined }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t('fleet.links')} className={classes.links}>
      {links?.grafana && isHere(links.grafana) && <OutsideLink href={links.grafana} text={t('fleet.grafana')} />}
      {links?.queueBoard && isHere(links.queueBoard) && (
        <OutsideLink href={links.queueBoard} text={t('fleet.queueBoard')} />
      )}
      <OutsideLink href="docs" text={t('page.apiDocs')} />
    </nav>
  );
}

const isHere = (address: string) => isReachable(address, location.hostname);

function OutsideLink({ href, text }: { href: string; text: string }) {
  const { t } = useTranslation();
  return (
    <Anchor href={href} target="_blank" rel="noreferrer" size="sm">
      {text}
      <VisuallyHidden> {t('page.newTab')}</VisuallyHidden>
    </Anchor>
  );
}
