import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileProblem } from '../documents/file-content';
import type { FileContent } from '../documents/parse-file';
import { readFile } from '../documents/read-file';
import { useModels } from '../fleet/use-models';
import { type DraftDocuments, documentsOf, editable } from '../draft/draft';
import { useDraft, useDraftDispatch } from '../draft/draft-context';

/** A table or a list of objects, of which the user chooses the column. */
export type Columns = Extract<FileContent, { kind: 'columns' }>;

export type FileState =
  | { kind: 'none' }
  | { kind: 'reading' }
  | { kind: 'choosing'; file: File; columns: Columns }
  /** Until the documents are edited. */
  | { kind: 'loaded'; documents: DraftDocuments; count: number }
  | { kind: 'problem'; problem: FileProblem }
  /** Several files at once. */
  | { kind: 'refused' };

/** For a gateway that has not said yet what it takes. */
const usualLimitBytes = 10_000_000;

/** Reads files into the form. */
export function useDocumentFile() {
  const [state, setState] = useState<FileState>({ kind: 'none' });
  // of files that are opened in quick succession the last one counts, whichever is read first
  const latest = useRef<symbol>(undefined);
  const draft = useDraft();
  const dispatch = useDraftDispatch();
  const { i18n } = useTranslation();
  const { models } = useModels();
  // the gateway's, and so the same for every model
  const limitBytes = models[0]?.limits.maxBodyBytes ?? usualLimitBytes;

  const load = (documents: DraftDocuments, query: string | null) => {
    dispatch({ type: 'documentsReplaced', documents, query });
    setState({ kind: 'loaded', documents, count: documentsOf(documents).length });
  };
  const take = (documents: readonly string[], query: string | null) => load(editable(documents), query);
  const open = async (file: File, hasHeader?: boolean) => {
    const reading = (latest.current = Symbol());
    setState((before) => (before.kind === 'choosing' ? before : { kind: 'reading' }));
    const parsed = await readFile(file, { limitBytes, isChinese: i18n.language === 'zh', hasHeader });
    if (latest.current !== reading) return;
    if (!parsed.ok) {
      setState({ kind: 'problem', problem: parsed.problem });
      return;
    }
    const { content } = parsed;
    switch (content.kind) {
      case 'text':
        load({ kind: 'text', text: content.text, layout: content.layout }, null);
        break;
      case 'list':
        take(content.documents, content.query);
        break;
      case 'columns':
        setState({ kind: 'choosing', file, columns: content });
        break;
      default:
        content satisfies never;
    }
  };
  const forget = () => {
    latest.current = undefined;
    setState({ kind: 'none' });
  };
  const refuse = () => setState({ kind: 'refused' });
  const isPast = state.kind === 'loaded' && state.documents !== draft.documents;
  const shown: FileState = isPast ? { kind: 'none' } : state;
  return { state: shown, limitBytes, open, take, forget, refuse };
}
