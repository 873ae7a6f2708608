import { finite, listOf, object, oneOf, type Reader, text } from '../ranking/read-json';

/** All that the user typed and chose. */
export interface FormState {
  mode: 'rank' | 'compare';
  query: string;
  documents: string[];
  instruction: string;
  /** '' for the default model. */
  model: string;
  /** The other side of a comparison. */
  secondModel: string;
  secondInstruction: string;
  /** 0 to 1. */
  threshold: number;
}

/** A page that nobody has touched. */
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

/** The form as links and the history spell it; {@link readForm} reads it back. */
export function formJson({ secondModel, secondInstruction, ...form }: FormState): object {
  return { ...form, second_model: secondModel, second_instruction: secondInstruction };
}

const fraction: Reader<number> = (value) => {
  const number = finite(value);
  return number !== undefined && number >= 0 && number <= 1 ? number : undefined;
};

/** Reads what {@link formJson} made. */
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
