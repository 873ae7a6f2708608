import { useEffect, useRef, useState } from 'react';
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
  | { kind: 'loaded'; count: number }
  | { kind: 'problem'; problem: FileProblem }
  /** Several files at once. */
  | { kind: 'refused' };

const nothing: FileState = { kind: 'none' };

/** For a gateway that has not said yet what it takes. */
const usualLimitBytes = 10_000_000;

/** Reads files into the form. */
export function useDocumentFile() {
  const { documents: current } = useDraft();
  const [state, setState] = useFileState(current);
  // the last action counts, an opened file or an edit: a file that is read later than that is dropped
  const latest = useRef<symbol>(undefined);
  useEffect(() => {
    latest.current = undefined;
  }, [current]);
  const dispatch = useDraftDispatch();
  const { i18n } = useTranslation();
  const { models } = useModels();
  // the gateway's, and so the same for every model
  const limitBytes = models[0]?.limits.maxBodyBytes ?? usualLimitBytes;

  const load = (documents: DraftDocuments, query: string | null) => {
    dispatch({ type: 'documentsReplaced', documents, query });
    setState({ kind: 'loaded', count: documentsOf(documents).length }, documents);
  };
  const take = (documents: readonly string[], query: string | null) => load(editable(documents), query);
  const open = async (file: File, hasHeader?: boolean) => {
    const reading = (latest.current = Symbol());
    if (state.kind !== 'choosing') setState({ kind: 'reading' });
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
    setState(nothing);
  };
  const refuse = () => setState({ kind: 'refused' });
  return { state, limitBytes, open, take, forget, refuse };
}

/** What there is to say of a file. It is past once the documents are others than those that it was set for. */
function useFileState(current: DraftDocuments) {
  const [last, setLast] = useState({ state: nothing, documents: current });
  const setState = (state: FileState, documents = current) => setLast({ state, documents });
  return [last.documents === current ? last.state : nothing, setState] as const;
}
