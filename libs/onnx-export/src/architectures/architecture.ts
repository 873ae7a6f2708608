import type { Build } from '../layers/weights';

/** Ids of the two answers of a language model; its logit is the difference of theirs. */
export interface AnswerIds {
  yes: number;
  no: number;
}

export interface ArchitectureInputs {
  build: Build;
  /** config.json, parsed as JSON. */
  config: unknown;
  /** For language models; classifiers have a head of their own. */
  answers?: AnswerIds;
}

/** One architecture: the layers of a model, by its config.json. */
export interface Architecture {
  /** Names under `architectures` in config.json. */
  names: readonly string[];
  /**
   * Names of tensors that the graph does not need. Any other tensor that is left over is refused: a config.json with
   * fewer layers than the weights would otherwise give a graph with wrong scores.
   */
  unneeded: RegExp;
  /**
   * Builds the graph from `input_ids` and `attention_mask` [rows, tokens], padded on the right, to `logits` [rows, 1].
   * @throws ExportError
   */
  build(inputs: ArchitectureInputs): void;
}
