import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileProblem } from '../documents/file-content';
import type { FileContent } from '../documents/parse-file';
import { readFile } from '../documents/read-file';
import { useModels } from '../fleet/use-models';
import { type DraftDocuments, documentsOf, editable } from '../draft/draft';
import { useDraft, useDraftDispatch } from '../draft/draft-context';

/** A table or a list of objects, whose column the user must choose. */
export type Columns = Extract<FileContent, { kind: 'columns' }>;

export type FileState =
  | { kind: 'none' }
  | { kind: 'reading' }
  | { kind: 'choosing'; file: File; columns: Columns }
  | { kind: 'loaded'; count: number }
  | { kind: 'problem'; problem: FileProblem }
  /** Several files were dropped at once. */
  | { kind: 'refused' };

const nothing: FileState = { kind: 'none' };

/** The limit until the gateway has reported its own. */
const usualLimitBytes = 10_000_000;

/** Reads files into the form. */
export function useDocumentFile() {
  const { documents: current } = useDraft();
  const [state, setState] = useFileState(current);
  // The last action counts, an opened file or an edit. A file that is read after it is ignored.
  const latest = useRef<symbol>(undefined);
  useEffect(() => {
    latest.current = undefined;
  }, [current]);
  const dispatch = useDraftDispatch();
  const { i18n } = useTranslation();
  const { models } = useModels();
  // The limit is the gateway's, so it is the same for every model.
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

/** The notice about a file. It disappears when the documents change. */
function useFileState(current: DraftDocuments) {
  const [last, setLast] = useState({ state: nothing, documents: current });
  const setState = (state: FileState, documents = current) => setLast({ state, documents });
  return [last.documents === current ? last.state : nothing, setState] as const;
}
