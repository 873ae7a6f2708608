import { type PropsWithChildren, createContext, use, useEffect, useState } from 'react';
import { useGateway } from '../page/gateway';
import type { CallFailure } from '../ranking/failure';
import { type ModelInfo, fetchModels } from '../ranking/models';
import { useFleet } from './use-fleet';
import { liveModels } from './view';

/** The live models; while they are read again the ones known before stay. */
export interface Models {
  models: readonly ModelInfo[];
  isLoading: boolean;
  failure: CallFailure | undefined;
}

const timeoutMs = 5_000;

const ModelsContext = createContext<Models>({ models: [], isLoading: true, failure: undefined });

/** Reads the models once, and again whenever the fleet serves others or another key is used. */
export function ModelsProvider({ children }: PropsWithChildren) {
  const [state, setState] = useState<Models>({ models: [], isLoading: true, failure: undefined });
  const { callOptions, noteFailure } = useGateway();
  const live = liveModels(useFleet());
  useEffect(() => {
    const controller = new AbortController();
    void (async () => {
      const result = await fetchModels({ ...callOptions(controller.signal), timeoutMs });
      if (controller.signal.aborted) return;
      if (!result.ok) noteFailure(result.failure);
      setState(({ models }) =>
        result.ok
          ? { models: result.value, isLoading: false, failure: undefined }
          : { models, isLoading: false, failure: result.failure },
      );
    })();
    return () => controller.abort();
  }, [callOptions, noteFailure, live]);
  return <ModelsContext value={state}>{children}</ModelsContext>;
}

export const useModels = () => use(ModelsContext);
