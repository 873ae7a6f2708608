import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const id = 'results';

/** Names the results; takes the focus of what disappears when a run begins. */
export function ResultsHeading() {
  const { t } = useTranslation();
  return (
    <Title order={2} id={id} tabIndex={-1}>
      {t('results.heading')}
    </Title>
  );
}

/** For a control that is about to go away: those who use the keyboard go on from the results. */
export function focusResults(): void {
  document.getElementById(id)?.focus();
}

/** Brings the results into view where they lie below the screen, as on a phone. */
export function revealResults(): void {
  const heading = document.getElementById(id);
  if (heading && heading.getBoundingClientRect().bottom > innerHeight) heading.scrollIntoView();
}
