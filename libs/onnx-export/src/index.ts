export { architectureNames, exportModel, isKnownArchitecture, type ExportOptions } from './export';
export { indexFile, shardsOf, singleFile } from './safetensors/checkpoint';
export { errorOutput } from './layers/linear';
export { precisions, type LayerPrecision, type Precision } from './layers/weights';
export { ExportError } from './errors/export-error';
