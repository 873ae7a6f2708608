import { explainOnnxError, isDeviceLost, isOutOfMemory } from './onnx-errors';

/** How onnxruntime 1.30 words a failed call of CUDA's, cuBLAS' or cuDNN's. */
const failed = (what: string) =>
  new Error(
    `/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_call.cc:154 CudaCall(ERRTYPE, const char*) ${what} ; GPU=0 ; hostname=h ; file=/onnxruntime_src/onnxruntime/core/providers/cuda/gpu_data_transfer.cc ; line=73 ; expr=cudaStreamSynchronize(stream); \n\n`,
  );
const outOfDeviceMemory = [
  failed('CUDA failure 2: out of memory'),
  failed('CUBLAS failure 3: CUBLAS_STATUS_ALLOC_FAILED'),
  failed('CUDNN failure 4003: CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED'),
  new Error('CUDA_ERROR_OUT_OF_MEMORY'),
  new Error(
    'Non-zero status code returned while running MatMul node. Status Message: bfc_arena.cc:359 void* onnxruntime::BFCArena::AllocateRawInternal(size_t) Failed to allocate memory for requested buffer of size 8589934592',
  ),
  new Error(
    'bfc_arena.cc:347 AllocateRawInternal(size_t) Available memory of 1024 is smaller than requested bytes of 2048',
  ),
];

describe('isOutOfMemory', () => {
  test.each(outOfDeviceMemory)('recognises "%s"', (error) => expect(isOutOfMemory(error)).toBe(true));

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

  test.each([
    new Error('Failed to allocate memory for requested buffer of size 805306368'),
    failed('CUDA failure 2: out of memory'),
  ])('still recognises it after it was explained: %s', (error) => {
    expect(isOutOfMemory(explainOnnxError(error, 'model.onnx'))).toBe(true);
  });
});

describe('isDeviceLost', () => {
  test.each([
    failed('CUDA failure 700: an illegal memory access was encountered'),
    failed('CUDA failure 719: unspecified launch failure'),
    failed('CUDA failure 710: device-side assert triggered'),
    failed('CUDA failure 214: uncorrectable ECC error encountered'),
    failed('CUDA failure 999: unknown error'),
    new Error('CUDA_ERROR_ILLEGAL_ADDRESS'),
    new Error('CUDA_ERROR_LAUNCH_FAILED'),
    new Error('CUDA error: an illegal memory access was encountered'),
  ])('recognises "%s"', (error) => expect(isDeviceLost(error)).toBe(true));

  test.each([
    ...outOfDeviceMemory,
    failed('CUDA failure 1: invalid argument'),
    failed('CUDA failure 701: too many resources requested for launch'),
    failed('CUDA failure 7000: of another kind'),
    failed('CUBLAS failure 7: CUBLAS_STATUS_INVALID_VALUE'),
    new Error('Got invalid dimensions for input'),
    undefined,
  ])('does not take "%s" for it, after which the next call may succeed', (error) =>
    expect(isDeviceLost(error)).toBe(false),
  );
});

describe('explainOnnxError', () => {
  test.each([
    'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
    'no available backend found. ERR: [cuda] backend not found.',
  ])('names the library that CUDA lacks and what to do: %s', (message) => {
    expect(explainOnnxError(new Error(message), 'model.onnx').message).toMatch(
      /^CUDA cannot be used \(.*libonnxruntime_providers_shared\.so.*\): install .* or set PROVIDER=cpu; .+$/,
    );
  });

  test('says what CUDA says of the device, and what to look at', () => {
    const error = failed('CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version');
    expect(explainOnnxError(error, 'model.onnx').message).toMatch(
      /^model\.onnx cannot be run with CUDA \(CUDA driver version is insufficient for CUDA runtime version\): check with nvidia-smi .+$/,
    );
  });

  test('names the file, and keeps one line of what it does not know', () => {
    const error = explainOnnxError(new Error('something\nnew'), 'model.onnx');
    expect(error.message).toBe('model.onnx cannot be used by onnxruntime: something new');
  });
});
