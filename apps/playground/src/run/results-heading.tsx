import { Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const id = 'results';

/** The heading of the results. It gets the focus when a focused control disappears at the start of a run. */
export function ResultsHeading() {
  const { t } = useTranslation();
  return (
    <Title order={2} id={id} tabIndex={-1}>
      {t('results.heading')}
    </Title>
  );
}

/** Moves the focus to the results. Call it before a focused control disappears. */
export function focusResults(): void {
  document.getElementById(id)?.focus();
}

/** Scrolls to the results if they are below the screen, as on a phone. */
export function revealResults(): void {
  const heading = document.getElementById(id);
  if (heading && heading.getBoundingClientRect().bottom > innerHeight) heading.scrollIntoView();
}
