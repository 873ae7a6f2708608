import { findByName, type ModelAliases } from '../dialects/model-name';
import type { ModelView } from './fleet';

/** The live bundle that a name means, found as a rank request finds it; undefined when there is none. */
export function findModel(models: readonly ModelView[], name: string, aliases?: ModelAliases): ModelView | undefined {
  return findByName(models, name, { named: (model) => model, ...(aliases && { aliases }) });
}
