import { type PropsWithChildren, createContext, use, useMemo } from 'react';
import { useGatewayQuery } from '../gateway/use-gateway-query';
import type { CallFailure } from '../ranking/failure';
import { type ModelInfo, fetchModels } from '../ranking/models';
import { useFleet } from './use-fleet';
import { liveModels } from './view';

/** The live models. The last known ones stay while they are read again. */
export interface Models {
  models: readonly ModelInfo[];
  isLoading: boolean;
  failure: CallFailure | null;
}

const none: readonly ModelInfo[] = [];
const ModelsContext = createContext<Models>({ models: none, isLoading: true, failure: null });

/** Reads the models once, and again after a failure, when the fleet serves other models, and for a new key. */
export function ModelsProvider({ children }: PropsWithChildren) {
  const live = liveModels(useFleet());
  const { data, failureReason: failure } = useGatewayQuery({ key: ['models', live], ask: fetchModels });
  const models = useMemo(() => ({ models: data ?? none, isLoading: !data && !failure, failure }), [data, failure]);
  return <ModelsContext value={models}>{children}</ModelsContext>;
}

export const useModels = () => use(ModelsContext);
