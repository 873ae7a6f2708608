import { useTimeout } from '@mantine/hooks';
import { useState } from 'react';

const toldMs = 2_500;

export type CopyState = 'idle' | 'copied' | 'failed';

/** Copies a text, and says for a moment what came of it. */
export function useCopy() {
  const [state, setState] = useState<CopyState>('idle');
  const { start } = useTimeout(() => setState('idle'), toldMs);
  const copy = async (text: string) => {
    setState((await copyText(text)) ? 'copied' : 'failed');
    start();
  };
  return { state, copy };
}

/** The clipboard is only there for pages over HTTPS or on this machine; the older way works elsewhere too. */
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
  // a dialog keeps the focus within itself
  (before?.closest('[role="dialog"]') ?? document.body).append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}
