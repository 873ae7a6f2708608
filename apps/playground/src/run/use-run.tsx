import { createSafeContext } from '@mantine/core';
import { type PropsWithChildren, createContext, use, useCallback, useEffect, useMemo, useReducer, useRef } from 'react';
import { useModels } from '../fleet/use-models';
import { modelOf, requestOf } from '../draft/draft';
import { useHistory } from '../history/use-history';
import { useGateway } from '../gateway/gateway';
import type { ModelInfo } from '../ranking/models';
import type { FormState } from '../sharing/form-state';
import { type Executed, executeCompare, executeRank } from './execute';
import { type RunState, expectedSeconds, noRun, reduceRun, sidesOf } from './run';

interface RunActions {
  /** Ranks the form. A run that is still active is aborted. */
  run: (form: FormState) => Promise<Executed>;
  cancel: () => void;
}

const RunContext = createContext<RunState>(noRun);
const [RunActionsContext, useRunActions] = createSafeContext<RunActions>(
  'useRunActions is used outside of RunProvider',
);
export { useRunActions };

export function RunProvider({ children }: PropsWithChildren) {
  const [state, dispatch] = useReducer(reduceRun, noRun);
  const { callOptions, noteFailure } = useGateway();
  const { models } = useModels();
  const { add } = useHistory();
  const current = useRef<AbortController>(undefined);
  useEffect(() => () => current.current?.abort(), []);
  const cancel = useCallback(() => current.current?.abort(), []);
  const run = useCallback(
    async (form: FormState) => {
      current.current?.abort();
      const controller = new AbortController();
      current.current = controller;
      const plan = planOf(form, models);
      dispatch({ type: 'started', documents: form.documents.length, expectedSeconds: plan.expectedSeconds });
      const executed = await plan.execute(callOptions(controller.signal));
      // A newer run has started, and only its result counts.
      if (current.current !== controller) return executed;
      if (executed.ok) {
        dispatch({ type: 'succeeded', outcome: executed.outcome });
        const [, { ranking }] = sidesOf(executed.outcome)[0];
        add({ atMs: Date.now(), form, model: ranking.model });
      } else {
        noteFailure(executed.reason.failure);
        dispatch({ type: 'failed', reason: executed.reason });
      }
      return executed;
    },
    [callOptions, noteFailure, models, add],
  );
  const actions = useMemo(() => ({ run, cancel }), [run, cancel]);
  return (
    <RunActionsContext value={actions}>
      <RunContext value={state}>{children}</RunContext>
    </RunActionsContext>
  );
}

export const useRun = () => use(RunContext);

function planOf(form: FormState, models: readonly ModelInfo[]) {
  const a = requestOf(form, 'a', models);
  const requests = form.mode === 'rank' ? [a] : [a, requestOf(form, 'b', models)];
  const costs = requests.map((request) => {
    const { id = request.model, maxLengthTokens = 0, tokensPerSecond = null } = modelOf(models, request.model) ?? {};
    return { request, model: id, maxLengthTokens, tokensPerSecond };
  });
  const [, b] = requests;
  return {
    expectedSeconds: expectedSeconds(costs),
    execute: (options: Parameters<typeof executeRank>[1]) =>
      b ? executeCompare({ a, b }, options) : executeRank(a, options),
  };
}
