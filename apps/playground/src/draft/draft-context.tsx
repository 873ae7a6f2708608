import { type Dispatch, type PropsWithChildren, createContext, use, useReducer } from 'react';
import { type Draft, type DraftAction, emptyDraft, reduceDraft } from './draft';

const DraftContext = createContext<Draft>(emptyDraft);
const DraftDispatchContext = createContext<Dispatch<DraftAction>>(() => undefined);

/** Holds what the user types; those that only change it do not render with it. */
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
