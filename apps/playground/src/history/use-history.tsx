import { type PropsWithChildren, createContext, use, useCallback, useMemo, useState } from 'react';
import { type Run, type StoragePort, addRun, clearRuns, openStorage, readRuns } from '../sharing/history';

/** The last runs, on this device only. */
export interface History {
  runs: readonly Run[];
  isKept: boolean;
  add: (run: Run) => void;
  clear: () => void;
  /** Switching it off forgets what was kept. */
  keep: (isKept: boolean) => void;
}

const HistoryContext = createContext<History | undefined>(undefined);
const offKey = 'rerank-fleet.history-off';
const storage: StoragePort | null = openStorage(() => localStorage);

export function HistoryProvider({ children }: PropsWithChildren) {
  const [runs, setRuns] = useState<readonly Run[]>(() => readRuns(storage));
  const [isKept, setIsKept] = useState(() => storage?.getItem(offKey) !== 'true');
  const clear = useCallback(() => {
    clearRuns(storage);
    setRuns([]);
  }, []);
  const add = useCallback(
    (run: Run) => {
      if (isKept) setRuns((known) => addRun(storage, known, run));
    },
    [isKept],
  );
  const keep = useCallback(
    (kept: boolean) => {
      setIsKept(kept);
      rememberChoice(kept);
      if (!kept) clear();
    },
    [clear],
  );
  const history = useMemo(() => ({ runs, isKept, add, clear, keep }), [runs, isKept, add, clear, keep]);
  return <HistoryContext value={history}>{children}</HistoryContext>;
}

export function useHistory(): History {
  const history = use(HistoryContext);
  if (!history) throw new Error('useHistory is used outside of HistoryProvider');
  return history;
}

function rememberChoice(isKept: boolean): void {
  if (isKept) storage?.removeItem(offKey);
  else
    try {
      storage?.setItem(offKey, 'true');
    } catch {
      // a full storage: switched off until the page is left
    }
}
