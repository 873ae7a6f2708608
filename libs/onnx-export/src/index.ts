export { architectureNames, exportModel, isKnownArchitecture, type ExportOptions } from './export';
export { indexFile, shardsOf, singleFile } from './safetensors/checkpoint';
export { ExportError } from './errors/export-error';
