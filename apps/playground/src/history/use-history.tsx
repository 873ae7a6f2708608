import { createSafeContext } from '@mantine/core';
import { type PropsWithChildren, useMemo, useRef, useState } from 'react';
import {
  type Run,
  type StoragePort,
  addRun,
  clearRuns,
  isHistoryOff,
  openStorage,
  readRuns,
  switchHistory,
} from '../sharing/history';

interface Kept {
  runs: readonly Run[];
  isKept: boolean;
}

/** The last runs, on this device only. */
interface History extends Kept {
  /** Does nothing while the history is off. */
  add: (run: Run) => void;
  clear: () => void;
  /** Switching it off deletes all runs. */
  keep: (isKept: boolean) => void;
}

const [HistoryContext, useHistory] = createSafeContext<History>('useHistory is used outside of HistoryProvider');
export { useHistory };

const storage: StoragePort | null = openStorage(() => localStorage);

export function HistoryProvider({ children }: PropsWithChildren) {
  const [kept, setKept] = useState<Kept>(() => ({ runs: readRuns(storage), isKept: !isHistoryOff(storage) }));
  // A run is added long after it began, and must use the user's current choice.
  const latest = useRef(kept);
  const actions = useMemo(() => {
    const show = (next: Kept) => {
      latest.current = next;
      setKept(next);
    };
    return {
      add(run: Run) {
        const { runs, isKept } = latest.current;
        if (isKept) show({ runs: addRun(storage, runs, run), isKept: !isHistoryOff(storage) });
      },
      clear() {
        clearRuns(storage);
        show({ ...latest.current, runs: [] });
      },
      keep(isKept: boolean) {
        switchHistory(storage, isKept);
        show({ runs: isKept ? latest.current.runs : [], isKept });
      },
    };
  }, []);
  const history = useMemo(() => ({ ...kept, ...actions }), [kept, actions]);
  return <HistoryContext value={history}>{children}</HistoryContext>;
}
