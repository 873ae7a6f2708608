export { architectureNames, exportModel, isKnownArchitecture, type ExportOptions } from './export';
export { indexFile, shardsOf, singleFile } from './safetensors/checkpoint';
export { observedOutput } from './layers/observe';
export { type Precision } from './layers/weights';
export { DiskError, ExportError, Float16RangeError } from './errors/export-error';
// for a graph that is written by hand
export { exactly, storedWeight, transposedWeight, type Build } from './layers/weights';
export { createGraph, type GraphBuilder, type Value } from './onnx/graph';
export { writeModel } from './onnx/write-model';
export { openCheckpoint } from './safetensors/checkpoint';
