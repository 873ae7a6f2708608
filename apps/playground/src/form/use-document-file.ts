import { useRef, useState } from 'react';
import type { FileProblem } from '../documents/file-content';
import type { FileContent } from '../documents/parse-file';
import { readFile } from '../documents/read-file';
import { useModels } from '../fleet/use-models';
import { useDraftDispatch } from './draft-context';

/** A table or a list of objects, of which the user chooses the column. */
export type Columns = Extract<FileContent, { kind: 'columns' }>;

export type FileState =
  | { kind: 'none' }
  | { kind: 'reading' }
  | { kind: 'choosing'; file: File; columns: Columns }
  | { kind: 'loaded'; documents: number }
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
  const dispatch = useDraftDispatch();
  const { models } = useModels();
  // the gateway's, and so the same for every model
  const limitBytes = models[0]?.limits.maxBodyBytes ?? usualLimitBytes;

  const take = (documents: readonly string[], query: string | null) => {
    dispatch({ type: 'documentsReplaced', documents, query });
    setState({ kind: 'loaded', documents: documents.length });
  };
  const open = async (file: File, hasHeader?: boolean) => {
    const reading = (latest.current = Symbol());
    setState((before) => (before.kind === 'choosing' ? before : { kind: 'reading' }));
    const parsed = await readFile(file, { limitBytes, hasHeader });
    if (latest.current !== reading) return;
    if (!parsed.ok) {
      setState({ kind: 'problem', problem: parsed.problem });
      return;
    }
    const { content } = parsed;
    switch (content.kind) {
      case 'text': {
        const { text, layout, documents } = content;
        dispatch({ type: 'changed', fields: { documents: { kind: 'text', text, layout } } });
        setState({ kind: 'loaded', documents: documents.length });
        break;
      }
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
  return { state, limitBytes, open, take, forget, refuse };
}
