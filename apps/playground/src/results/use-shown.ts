import { startTransition, useState } from 'react';

/** Number of entries of a long list that are rendered at first, and with each "show more". */
const pageLength = 50;

/** Limits the rendered entries of a long list, so that a thousand documents do not block the page. */
export function useShown(count: number) {
  const [limit, setLimit] = useState(pageLength);
  const shown = Math.min(limit, count);
  return {
    shown,
    more: Math.min(pageLength, count - shown),
    // A transition renders a thousand entries without blocking the page.
    showMore: () => startTransition(() => setLimit(shown + pageLength)),
    showAll: () => startTransition(() => setLimit(count)),
  };
}
