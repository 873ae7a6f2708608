import { findByName, type ModelAliases } from '../dialects/model-name';
import type { ModelView } from './fleet';

/** The live bundle of a name, found as for a rank request; undefined if there is none. */
export function findModel(models: readonly ModelView[], name: string, aliases?: ModelAliases): ModelView | undefined {
  return findByName(models, name, { named: (model) => model, ...(aliases && { aliases }) });
}
