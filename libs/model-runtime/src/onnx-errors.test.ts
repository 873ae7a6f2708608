import { explainOnnxError, isOutOfMemory } from './onnx-errors';

describe('isOutOfMemory', () => {
  test.each([
    new Error('Failed to allocate memory for requested buffer of size 805306368'),
    new Error('std::bad_alloc'),
    new Error('CUDA error: out of memory'),
    new Error('CUDNN failure 4: CUDNN_STATUS_ALLOC_FAILED'),
    new RangeError('Array buffer allocation failed'),
  ])('recognises "%s"', (error) => expect(isOutOfMemory(error)).toBe(true));

  test.each([[new Error('Got invalid dimensions for input')], ['out of memory'], [undefined]])(
    'does not take %p for it',
    (error) => expect(isOutOfMemory(error)).toBe(false),
  );

  test('still recognises it after it was explained', () => {
    const error = new Error('Failed to allocate memory for requested buffer of size 805306368');
    expect(isOutOfMemory(explainOnnxError(error, 'model.onnx'))).toBe(true);
  });
});

describe('explainOnnxError', () => {
  test('names the file, and keeps one line of what it does not know', () => {
    const error = explainOnnxError(new Error('something\nnew'), 'model.onnx');
    expect(error.message).toBe('model.onnx cannot be used by onnxruntime: something new');
  });
});
