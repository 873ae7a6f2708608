export { architectureNames, exportModel, isKnownArchitecture, type ExportOptions } from './export';
export { indexFile, shardsOf, singleFile } from './safetensors/checkpoint';
export { observedOutput } from './layers/observe';
export { type Precision } from './layers/weights';
export { DiskError, ExportError, Float16RangeError } from './errors/export-error';
