import { createSafeContext } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { type PropsWithChildren, useCallback, useDeferredValue, useMemo, useState } from 'react';
import { type LimitFinding, checkLimits } from '../documents/limits';
import { useModels } from '../fleet/use-models';
import type { GatewayLimits, ModelInfo } from '../ranking/models';
import { revealResults } from '../run/results-heading';
import { useRunActions } from '../run/use-run';
import type { FormState } from '../sharing/form-state';
import { type Draft, type Side, documentsOf, modelOf, requestOf, toForm } from '../draft/draft';
import { useDraft, useDraftDispatch } from '../draft/draft-context';
import { fieldId, fieldOf, isMissing } from './findings';

interface Submit {
  /** The problems of the form that are shown now. */
  findings: Record<Side, readonly LimitFinding[]>;
  /** Number of documents in the form. It is updated with a short delay while the user types. */
  documents: number;
  /** Runs the form, or moves the focus to the first field with a problem. */
  submit: () => void;
  /** Replaces the form and runs it. */
  submitForm: (form: FormState) => void;
}

const [SubmitContext, useSubmit] = createSafeContext<Submit>('useSubmit is used outside of SubmitProvider');
export { useSubmit };

export function SubmitProvider({ children }: PropsWithChildren) {
  const draft = useDraft();
  const dispatch = useDraftDispatch();
  const { run, cancel } = useRunActions();
  const { models } = useModels();
  const [isTried, setIsTried] = useState(false);
  const deferred = useDeferredValue(draft);
  const documents = useMemo(() => documentsOf(deferred.documents), [deferred.documents]);
  const found = useDeferredFindings(deferred, documents);
  const submitForm = useCallback(
    (form: FormState) => {
      dispatch({ type: 'formLoaded', form });
      setIsTried(false);
      revealResults();
      void run(form);
    },
    [dispatch, run],
  );
  const submit = () => {
    const form = toForm(draft);
    const { a, b } = findingsOf(form, models);
    const [first] = [...a, ...b];
    setIsTried(first !== undefined);
    if (first) {
      document.getElementById(fieldId(first, a.length > 0 ? 'a' : 'b'))?.focus();
      return;
    }
    revealResults();
    void run(form);
  };
  useHotkeys(
    [
      ['mod+Enter', (event) => isForPage(event) && submit()],
      ['Escape', (event) => isForPage(event) && cancel(), { preventDefault: false }],
    ],
    [],
    true,
  );
  const shown = (findings: LimitFinding[]) => findings.filter((finding) => isTried || !isMissing(finding));
  const findings = { a: shown(found.a), b: shown(found.b) };
  return (
    <SubmitContext value={{ findings, documents: documents.length, submit, submitForm }}>{children}</SubmitContext>
  );
}

/** False in a dialog, a menu or an input method, which handle Enter and Escape themselves. */
function isForPage({ isComposing, target }: KeyboardEvent): boolean {
  return !isComposing && !(target as Element).closest?.('[role=dialog], [role=menu]');
}

/** Checks the form. Changes that do not affect the request, such as the threshold, do not check the documents again. */
function useDeferredFindings(draft: Draft, documents: readonly string[]) {
  const { models } = useModels();
  const { mode, query, model, instruction, secondModel, secondInstruction } = draft;
  return useMemo(() => {
    const choice = { mode, query, model, instruction, secondModel, secondInstruction };
    return findingsOf({ ...choice, documents: [...documents], threshold: 0 }, models);
  }, [mode, query, model, instruction, secondModel, secondInstruction, documents, models]);
}

/** Limits for an unknown model. The gateway checks the request itself. */
const noLimits: GatewayLimits = { maxDocuments: Infinity, maxBodyBytes: Infinity, maxTextCharacters: Infinity };

function findingsOf(form: FormState, models: readonly ModelInfo[]): Record<Side, LimitFinding[]> {
  const check = (side: Side) => {
    const request = requestOf(form, side, models);
    return checkLimits(request, modelOf(models, request.model)?.limits ?? noLimits);
  };
  const a = check('a');
  if (form.mode === 'rank') return { a, b: [] };
  // The other texts are the same as on side a.
  return { a, b: check('b').filter((finding) => fieldOf(finding) === 'instruction') };
}
