import type { ModelInfo } from '../ranking/models';
import { emptyForm } from '../sharing/form-state';
import {
  documentsOf,
  editable,
  emptyDraft,
  fromForm,
  isSameChoice,
  modelOf,
  reduceDraft,
  requestOf,
  sideFields,
  toForm,
} from './draft';

const model = (id: string, given: Partial<ModelInfo> = {}) =>
  ({ id, isDefault: false, takesInstruction: false, ...given }) as ModelInfo;
const models = [model('plain', { isDefault: true }), model('instructed', { takesInstruction: true })];

describe('a draft', () => {
  test('gives the form back that it was loaded from, also one whose documents no text in the box could say', () => {
    for (const documents of [[], ['one', 'two'], ['two\nlines', 'b'], ['a\n\nb', 'c']]) {
      const form = { ...emptyForm, query: 'q', documents, threshold: 0.25, mode: 'compare' as const };
      expect(toForm(fromForm(form))).toEqual(form);
    }
  });

  test('shows documents as text where reading the text gives them back, else keeps them as a list', () => {
    expect(fromForm({ ...emptyForm, documents: ['a', 'b'] }).documents).toEqual({
      kind: 'text',
      text: 'a\nb',
      layout: 'lines',
    });
    expect(fromForm({ ...emptyForm, documents: ['a\n\nb', 'c'] }).documents.kind).toBe('list');
  });

  test('takes the query of a file where it has one, and else keeps what is there', () => {
    const typed = reduceDraft(emptyDraft, { type: 'changed', fields: { query: 'typed' } });
    const replaced = { type: 'documentsReplaced' as const, documents: editable(['d']) };
    expect(reduceDraft(typed, { ...replaced, query: null }).query).toBe('typed');
    const after = reduceDraft(typed, { ...replaced, query: 'of the file' });
    expect(after.query).toBe('of the file');
    expect(documentsOf(after.documents)).toEqual(['d']);
  });

  test('is replaced as a whole by a form that is loaded', () => {
    const draft = reduceDraft(emptyDraft, { type: 'changed', fields: { secondModel: 'x', threshold: 0.5 } });
    expect(reduceDraft(draft, { type: 'formLoaded', form: emptyForm })).toEqual(emptyDraft);
  });
});

describe('the model of a form', () => {
  test('is the default one when none is named, and no other where none is the default', () => {
    expect(modelOf(models, '')?.id).toBe('plain');
    expect(modelOf([model('only')], '')).toBeUndefined();
    expect(modelOf([], '')).toBeUndefined();
  });

  test('is none when the one that is named is not live', () => {
    expect(modelOf(models, 'gone')).toBeUndefined();
  });
});

describe('the request of a side', () => {
  const form = {
    ...emptyForm,
    documents: ['d'],
    model: 'plain',
    instruction: 'left',
    secondModel: 'instructed',
    secondInstruction: 'right',
  };

  test('has the instruction of that side, and only where its model takes one', () => {
    expect(requestOf(form, 'a', models)).toEqual({ model: 'plain', query: '', documents: ['d'], instruction: '' });
    expect(requestOf(form, 'b', models)).toMatchObject({ model: 'instructed', instruction: 'right' });
  });

  test('is changed without the other side', () => {
    expect({ ...form, ...sideFields({ model: 'x', instruction: 'y' }, 'b') }).toEqual({
      ...form,
      secondModel: 'x',
      secondInstruction: 'y',
    });
    expect(sideFields({ model: 'x', instruction: 'y' }, 'a')).toEqual({ model: 'x', instruction: 'y' });
  });

  test('is the same as that of the other one when model and instruction are, however the default is named', () => {
    expect(isSameChoice(form, models)).toBe(false);
    expect(isSameChoice({ ...form, secondModel: '' }, models)).toBe(true);
    const instructed = { ...form, model: 'instructed' };
    expect(isSameChoice(instructed, models)).toBe(false);
    expect(isSameChoice({ ...instructed, instruction: 'right' }, models)).toBe(true);
  });
});
