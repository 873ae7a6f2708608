import { type PropsWithChildren, createContext, use, useEffect, useState } from 'react';
import { useGateway } from '../gateway/gateway';
import type { CallFailure } from '../ranking/failure';
import { type ModelInfo, fetchModels } from '../ranking/models';
import { useFleet } from './use-fleet';
import { liveModels, nextPollMs, nextView } from './view';

/** The live models; while they are read again the ones known before stay. */
export interface Models {
  models: readonly ModelInfo[];
  isLoading: boolean;
  failure: CallFailure | undefined;
}

const timeoutMs = 5_000;

const ModelsContext = createContext<Models>({ models: [], isLoading: true, failure: undefined });

/** Reads the models once, and again when that failed and whenever the fleet serves others or another key is used. */
export function ModelsProvider({ children }: PropsWithChildren) {
  const [state, setState] = useState<Models>({ models: [], isLoading: true, failure: undefined });
  const { callOptions, noteFailure } = useGateway();
  const live = liveModels(useFleet());
  const [failures, setFailures] = useState(0);
  useEffect(() => {
    const controller = new AbortController();
    let retry: number | undefined;
    void (async () => {
      const result = await fetchModels({ ...callOptions(controller.signal), timeoutMs });
      if (controller.signal.aborted) return;
      if (!result.ok) {
        noteFailure(result.failure);
        retry = window.setTimeout(() => setFailures(failures + 1), nextPollMs(nextView({ kind: 'waiting' }, result)));
      }
      setState(({ models }) =>
        result.ok
          ? { models: result.value, isLoading: false, failure: undefined }
          : { models, isLoading: false, failure: result.failure },
      );
    })();
    return () => {
      controller.abort();
      window.clearTimeout(retry);
    };
  }, [callOptions, noteFailure, live, failures]);
  return <ModelsContext value={state}>{children}</ModelsContext>;
}

export const useModels = () => use(ModelsContext);
