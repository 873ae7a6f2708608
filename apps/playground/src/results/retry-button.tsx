import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSubmit } from '../form/use-submit';
import { focusResults } from '../run/results-heading';

/** Runs again; not before the gateway says that it makes sense. Mount a new one with each failure. */
export function RetryButton({ retryAfterS }: { retryAfterS: number | null }) {
  const { t } = useTranslation();
  const { submit } = useSubmit();
  const leftS = useCountdown(retryAfterS ?? 0);
  return (
    <Button
      variant="default"
      size="xs"
      mt="sm"
      // stays in the tab order, which a disabled button would not
      aria-disabled={leftS > 0}
      data-disabled={leftS > 0}
      onClick={() => {
        if (leftS > 0) return;
        focusResults();
        submit();
      }}
    >
      {leftS > 0 ? t('failure.retryIn', { seconds: leftS }) : t('failure.retry')}
    </Button>
  );
}

/** Whole seconds that are left of so many from the first render on. */
function useCountdown(seconds: number): number {
  const [leftS, setLeftS] = useState(seconds);
  useEffect(() => {
    if (leftS === 0) return;
    const timer = setTimeout(() => setLeftS(leftS - 1), 1_000);
    return () => clearTimeout(timer);
  }, [leftS]);
  return leftS;
}
