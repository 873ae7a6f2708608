import { Button, Collapse, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconChevronDown } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './fleet.module.css';
import { FleetFigures } from './fleet-figures';
import { FleetLinks } from './fleet-links';
import { FleetModels } from './fleet-models';
import { FleetStatus } from './fleet-status';
import { useFleet } from './use-fleet';
import { lastKnown } from './view';

const detailsId = 'fleet-details';

/** A summary of the fleet below the header, with expandable details of its models. */
export function FleetStrip() {
  const { t } = useTranslation();
  const view = useFleet();
  const [isOpen, { toggle }] = useDisclosure(false);
  const fleet = lastKnown(view);
  return (
    <aside className={classes.strip} aria-label={t('fleet.label')}>
      <Group gap="md" className={classes.line}>
        <FleetStatus view={view} />
        {view.kind === 'absent' && <Text size="sm">{t('fleet.absent')}</Text>}
        {fleet && (
          <div className={classes.wide}>
            <FleetFigures fleet={fleet} />
          </div>
        )}
        {fleet && (
          <Button
            variant="subtle"
            size="compact-sm"
            aria-expanded={isOpen}
            aria-controls={detailsId}
            rightSection={
              <IconChevronDown size={14} aria-hidden className={classes.chevron} data-open={isOpen || undefined} />
            }
            onClick={toggle}
          >
            {t('fleet.details')}
          </Button>
        )}
        {/* Without expandable details, the links are here on a phone too. */}
        <div className={fleet && classes.wide}>
          <FleetLinks links={fleet?.links} />
        </div>
      </Group>
      <Collapse expanded={isOpen} id={detailsId}>
        {fleet && (
          <>
            <FleetModels models={fleet.models} />
            <div className={classes.narrow}>
              <FleetFigures fleet={fleet} />
              <FleetLinks links={fleet.links} />
            </div>
          </>
        )}
      </Collapse>
    </aside>
  );
}
