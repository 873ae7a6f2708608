import { type TextLayout, formatText, parseText } from '../documents/parse-text';
import type { ModelInfo } from '../ranking/models';
import type { RankRequest } from '../ranking/request';
import { type FormState, emptyForm } from '../sharing/form-state';

/** The edited documents: text in the box, or a list that the text box cannot represent. */
export type DraftDocuments =
  { kind: 'text'; text: string; layout: TextLayout } | { kind: 'list'; documents: readonly string[] };

/** The form while it is edited. The other members are as in {@link FormState}. */
export interface Draft extends Omit<FormState, 'documents'> {
  documents: DraftDocuments;
}

export type DraftAction =
  | { type: 'changed'; fields: Partial<Draft> }
  /** The content of a file; `query` is null if the file has none. */
  | { type: 'documentsReplaced'; documents: DraftDocuments; query: string | null }
  | { type: 'formLoaded'; form: FormState };

export function reduceDraft(draft: Draft, action: DraftAction): Draft {
  switch (action.type) {
    case 'changed':
      return { ...draft, ...action.fields };
    case 'documentsReplaced':
      return { ...draft, documents: action.documents, query: action.query ?? draft.query };
    case 'formLoaded':
      return fromForm(action.form);
    default:
      return action satisfies never;
  }
}

export const emptyDraft: Draft = { ...emptyForm, documents: { kind: 'text', text: '', layout: 'lines' } };

export function fromForm(form: FormState): Draft {
  return { ...form, documents: editable(form.documents) };
}

/** The documents to rank. Memoise the result: the time is proportional to the text. */
export function documentsOf(documents: DraftDocuments): readonly string[] {
  return documents.kind === 'list' ? documents.documents : parseText(documents.text, documents.layout);
}

export function toForm(draft: Draft): FormState {
  return { ...draft, documents: [...documentsOf(draft.documents)] };
}

/** Documents as text if the text represents them exactly, otherwise as a list. */
export function editable(documents: readonly string[]): DraftDocuments {
  const { text, layout, isExact } = formatText(documents);
  return isExact ? { kind: 'text', text, layout } : { kind: 'list', documents };
}

/** The model of a form; '' is the default model. Undefined if it is not live. */
export function modelOf(models: readonly ModelInfo[], id: string): ModelInfo | undefined {
  return models.find((model) => (id === '' ? model.isDefault : model.id === id));
}

/** The sides of a comparison. A single ranking is side a. */
export type Side = 'a' | 'b';

/** The members that may differ between the sides. */
export interface SideChoice {
  /** '' for the default model. */
  model: string;
  instruction: string;
}

export function sideChoice(form: Omit<FormState, 'documents'>, side: Side): SideChoice {
  return side === 'a'
    ? { model: form.model, instruction: form.instruction }
    : { model: form.secondModel, instruction: form.secondInstruction };
}

/** The members of a side as fields of the draft. */
export function sideFields({ model, instruction }: SideChoice, side: Side): Partial<Draft> {
  return side === 'a' ? { model, instruction } : { secondModel: model, secondInstruction: instruction };
}

/** Whether both sides would send the same request. */
export function isSameChoice(form: Omit<FormState, 'documents'>, models: readonly ModelInfo[]): boolean {
  const [a, b] = [sideChoice(form, 'a'), sideChoice(form, 'b')];
  const model = modelOf(models, a.model);
  return model === modelOf(models, b.model) && (!model?.takesInstruction || a.instruction === b.instruction);
}

/** The request of a side. It has an instruction only if the model takes one. */
export function requestOf(form: FormState, side: Side, models: readonly ModelInfo[]): RankRequest {
  const { model, instruction } = sideChoice(form, side);
  const { query, documents } = form;
  return { model, query, documents, instruction: modelOf(models, model)?.takesInstruction ? instruction : '' };
}
