import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { decodeForm, encodeForm } from './state';
import { anyForm, formOf } from './testing';

const damaged = { ok: false, problem: { code: 'damaged' } };

/** A fragment around any bytes, deflated. */
const shared = (inflated: Buffer | string) => `v1.${deflateRawSync(inflated).toString('base64url')}`;

const wire = { ...formOf('q'), secondModel: undefined, second_model: 'm', second_instruction: '' };

test('every form comes back from its link, of which a URL escapes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyForm, async (form) => {
      const fragment = await encodeForm(form);
      expect(fragment).toMatch(/^v1\.[\w-]+$/);
      expect(new URL(`#${fragment}`, 'http://host/').hash).toBe(`#${fragment}`);
      expect(await decodeForm(`#${fragment}`)).toEqual({ ok: true, form });
      expect(await decodeForm(fragment)).toEqual({ ok: true, form });
    }),
  );
});

test('a large form makes a link that is much shorter', async () => {
  const form = formOf('q', {
    documents: Array.from({ length: 1_000 }, (_, position) => `document ${position} `.repeat(20)),
  });
  const fragment = await encodeForm(form);
  expect(fragment.length).toBeLessThan(JSON.stringify(form).length / 10);
  expect(await decodeForm(fragment)).toEqual({ ok: true, form });
});

test('links that were made before are still read', async () => {
  const fragment =
    'v1.VY7BCgFBHIff5XeeJOUyF94DiZ0_tnZn2NlNktoieQAH5OBCUtojVt5mdngMUcT1-339-obwlSBwOMrvNgICQy-iYAAOc43NZWYXiV2n2XKf' +
    'HXfmsimBQSgn8kmGGryC39EuEpOm2Wlrl-ljfLuvJuYcm_Mhm03tPAFD2FdV6bmSNGoMrtRhEDmhqyQ4Wq4UYO8cDxxUfPmdgHRHeQI8nysUGTQ5' +
    'Sor6R2q2qVzAF_8fYvQE';
  expect(await decodeForm(fragment)).toEqual({
    ok: true,
    form: {
      mode: 'compare',
      query: '什么是机器学习?',
      documents: ['机器学习是人工智能的一个分支', 'two\nlines'],
      instruction: 'find',
      model: 'e5',
      secondModel: 'bge@2',
      secondInstruction: '',
      threshold: 0.25,
    },
  });
});

test.each(['', '#', '#results', 'v2.abc', 'V1.abc', 'v1'])('%p is no link of this version', async (fragment) => {
  expect(await decodeForm(fragment)).toEqual({ ok: false, problem: { code: 'unknown_version' } });
});

describe('a link is damaged', () => {
  test.each([
    ['with nothing in it', 'v1.'],
    ['with other characters', 'v1.a+b/'],
    ['with a character too many', `${shared(JSON.stringify(wire))}!`],
    ['of an impossible length', 'v1.abcde'],
    ['with bytes that do not inflate', `v1.${Buffer.from('no deflated bytes').toString('base64url')}`],
    ['with bytes that are no UTF-8', shared(Buffer.from(JSON.stringify(wire).replace('"q"', '"\xff"'), 'latin1'))],
    ['with UTF-8 that breaks off', shared(Buffer.from(`${JSON.stringify(wire)}\xe6\x96`, 'latin1'))],
    ['with text that is no JSON', shared('{')],
    ['with JSON that is no form', shared('[]')],
    ['without a query', shared(JSON.stringify({ ...wire, query: undefined }))],
    ['with an unknown mode', shared(JSON.stringify({ ...wire, mode: 'admin' }))],
    ['with a document that is no text', shared(JSON.stringify({ ...wire, documents: ['a', 1] }))],
    ['with a threshold above 1', shared(JSON.stringify({ ...wire, threshold: 1.5 }))],
    ['with a threshold below 0', shared(JSON.stringify({ ...wire, threshold: -0.1 }))],
  ])('%s', async (_, fragment) => {
    expect(await decodeForm(fragment)).toEqual(damaged);
  });

  test('when any part of its end is lost', async () => {
    const fragment = await encodeForm(formOf('a query of some words', { documents: ['some text', '一些文字'] }));
    for (let length = 'v1.'.length; length < fragment.length; length += 1) {
      expect(await decodeForm(fragment.slice(0, length))).toEqual(damaged);
    }
  });

  test('or gives a form, or says why not, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), fc.boolean(), async (bytes, isDeflated) => {
        const fragment = isDeflated ? shared(Buffer.from(bytes)) : `v1.${Buffer.from(bytes).toString('base64url')}`;
        expect(await decodeForm(fragment)).toEqual(damaged);
      }),
    );
  });
});

test('unknown members are left out', async () => {
  const hostile = `{"__proto__":{"isAdmin":true},"isAdmin":true,${JSON.stringify(wire).slice(1)}`;
  const result = await decodeForm(shared(hostile));
  expect(result).toEqual({ ok: true, form: formOf('q', { secondModel: 'm' }) });
  expect(Object.getPrototypeOf(result.ok ? result.form : {})).toBe(Object.prototype);
});

describe('the size of what is inflated', () => {
  const json = JSON.stringify(wire);

  test('may be the limit and no byte more', async () => {
    expect(await decodeForm(shared(json), json.length)).toMatchObject({ ok: true });
    expect(await decodeForm(shared(json), json.length - 1)).toEqual({
      ok: false,
      problem: { code: 'too_large', limitBytes: json.length - 1 },
    });
  });

  test('ends the work before the whole of it is there', async () => {
    const bomb = shared(Buffer.alloc(64_000_000, ' '));
    const before = process.memoryUsage().arrayBuffers;
    expect(await decodeForm(bomb, 1_000_000)).toEqual({
      ok: false,
      problem: { code: 'too_large', limitBytes: 1_000_000 },
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32_000_000);
  });
});
