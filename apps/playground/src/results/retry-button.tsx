import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSubmit } from '../form/use-submit';
import { focusResults } from '../run/results-heading';

/** Runs again, but not before the gateway's Retry-After has passed. Mount a new one for each failure. */
export function RetryButton({ retryAfterS }: { retryAfterS: number | null }) {
  const { t } = useTranslation();
  const { submit } = useSubmit();
  const leftS = useCountdown(retryAfterS ?? 0);
  return (
    <Button
      variant="default"
      size="xs"
      mt="sm"
      // A disabled button would leave the tab order.
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

/** Counts down from `seconds`, in whole seconds since the first render. */
function useCountdown(seconds: number): number {
  const [leftS, setLeftS] = useState(seconds);
  useEffect(() => {
    if (leftS === 0) return;
    const timer = setTimeout(() => setLeftS(leftS - 1), 1_000);
    return () => clearTimeout(timer);
  }, [leftS]);
  return leftS;
}
