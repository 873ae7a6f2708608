import { type Example, examples } from '../documents/examples';
import type { Language } from '../i18n/language';
import { emptyForm } from '../sharing/form-state';
import { useSubmit } from './use-submit';

export function examplesIn(language: Language): readonly Example[] {
  return examples.filter((example) => example.language === language);
}

/** Puts an example in the form and ranks it. */
export function useExample(): (example: Example) => void {
  const { submitForm } = useSubmit();
  return ({ query, documents }) => submitForm({ ...emptyForm, query, documents: [...documents] });
}
