import { startTransition, useState } from 'react';

/** How many entries of a long list are drawn at first, and with each "show more". */
const pageLength = 50;

/** Draws a long list bit by bit, so that a thousand documents do not hold the page up. */
export function useShown(count: number) {
  const [limit, setLimit] = useState(pageLength);
  const shown = Math.min(limit, count);
  return {
    shown,
    more: Math.min(pageLength, count - shown),
    // a thousand entries are drawn between what else the page has to do
    showMore: () => startTransition(() => setLimit(shown + pageLength)),
    showAll: () => startTransition(() => setLimit(count)),
  };
}
