import { finite, listOf, object, oneOf, type Reader, text } from '../ranking/read-json';

/** The user's texts and choices. */
export interface FormState {
  mode: 'rank' | 'compare';
  query: string;
  documents: string[];
  instruction: string;
  /** '' for the default model. */
  model: string;
  /** The second side of a comparison. */
  secondModel: string;
  secondInstruction: string;
  /** 0 to 1. */
  threshold: number;
}

/** The initial form. */
export const emptyForm: FormState = {
  mode: 'rank',
  query: '',
  documents: [],
  instruction: '',
  model: '',
  secondModel: '',
  secondInstruction: '',
  threshold: 0,
};

/** The form as JSON for links and the history. {@link readForm} parses it. */
export function formJson({ secondModel, secondInstruction, ...form }: FormState): object {
  return { ...form, second_model: secondModel, second_instruction: secondInstruction };
}

const fraction: Reader<number> = (value) => {
  const number = finite(value);
  return number !== undefined && number >= 0 && number <= 1 ? number : undefined;
};

/** Parses the result of {@link formJson}. */
export const readForm: Reader<FormState> = object<FormState>({
  mode: oneOf('rank', 'compare'),
  query: text,
  documents: listOf(text),
  instruction: text,
  model: text,
  secondModel: text,
  secondInstruction: text,
  threshold: fraction,
});
