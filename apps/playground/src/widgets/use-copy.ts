import { useTimeout } from '@mantine/hooks';
import { useState } from 'react';

const statusMs = 2_500;

export type CopyState = 'idle' | 'copied' | 'failed';

/** Copies a text, and reports the result for a short time. */
export function useCopy() {
  const [state, setState] = useState<CopyState>('idle');
  const { start } = useTimeout(() => setState('idle'), statusMs);
  const copy = async (text: string) => {
    setState((await copyText(text)) ? 'copied' : 'failed');
    start();
  };
  return { state, copy };
}

/** The clipboard API requires HTTPS or localhost. `execCommand` works on other pages too. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const before = document.activeElement;
  const area = document.createElement('textarea');
  area.value = text;
  // A dialog keeps the focus inside.
  (before?.closest('[role="dialog"]') ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}
