import fc from 'fast-check';
import { emptyForm, type FormState } from './form-state';

/** Texts of any UTF-16 code units, including lone surrogates. */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0x20, max: 0x7e })))
  .map((codes) => String.fromCharCode(...codes));

/** Any form. */
export const anyForm: fc.Arbitrary<FormState> = fc.record({
  mode: fc.constantFrom('rank', 'compare'),
  query: anyText,
  documents: fc.array(anyText),
  instruction: anyText,
  model: anyText,
  secondModel: anyText,
  secondInstruction: anyText,
  threshold: fc.double({ min: 0, max: 1, noNaN: true }).map((threshold) => threshold + 0),
});

/** A form with this request. */
export function formOf(query: string, given: Partial<FormState> = {}): FormState {
  return { ...emptyForm, query, documents: ['one', 'two'], ...given };
}
