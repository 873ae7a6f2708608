import { type Dispatch, type PropsWithChildren, createContext, use, useReducer } from 'react';
import { type Draft, type DraftAction, emptyDraft, reduceDraft } from './draft';

const DraftContext = createContext<Draft>(emptyDraft);
const DraftDispatchContext = createContext<Dispatch<DraftAction>>(() => undefined);

/** Provides the draft. Components that only change it do not render when it changes. */
export function DraftProvider({ children }: PropsWithChildren) {
  const [draft, dispatch] = useReducer(reduceDraft, emptyDraft);
  return (
    <DraftDispatchContext value={dispatch}>
      <DraftContext value={draft}>{children}</DraftContext>
    </DraftDispatchContext>
  );
}

export const useDraft = () => use(DraftContext);
export const useDraftDispatch = () => use(DraftDispatchContext);
