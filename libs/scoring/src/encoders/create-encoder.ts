import { cachedQueryOf, type Manifest } from '../manifest/manifest';
import { createPlainTokenizer, type PlainTokenizer } from '../tokenizer/plain-tokenizer';
import { TokenizerError } from '../tokenizer/tokenizer-json';
import type { Encoder } from './encoder';
import { createLateInteractionEncoder } from './late-interaction';
import { createPairEncoder } from './pair';
import { createPromptEncoder } from './prompt';

/**
 * Creates the encoder of a bundle from its manifest and the parsed tokenizer.json.
 * @throws TokenizerError (one line) if a part of the tokenizer is not supported exactly, or if the tokenizer belongs to
 * another model than the manifest.
 */
export function createEncoder(manifest: Manifest, tokenizerJson: unknown): Encoder {
  const tokenizer = createPlainTokenizer(tokenizerJson);
  const maxLengthTokens = Math.min(manifest.maxLengthTokens, tokenizer.maxLengthTokens);
  const encoder = encoderOf({ ...manifest, maxLengthTokens }, tokenizer);
  if (tokenizer.vocabularySize > manifest.vocabularySize) {
    throw new TokenizerError(
      `the tokenizer has ids up to ${tokenizer.vocabularySize - 1}, but the embedding has ${manifest.vocabularySize} rows: they are not of the same model`,
    );
  }
  return encoder;
}

function encoderOf(manifest: Manifest, tokenizer: PlainTokenizer): Encoder {
  const isQueryKept = cachedQueryOf(manifest) !== undefined;
  switch (manifest.head) {
    case 'late-interaction':
      return createLateInteractionEncoder(manifest, tokenizer);
    case 'causal-yes-no':
      return createPromptEncoder(tokenizer, {
        template: manifest.template,
        maxLengthTokens: manifest.maxLengthTokens,
        tokens: [manifest.answers.yes, manifest.answers.no],
        isQueryKept,
      });
    case 'sequence-classification': {
      const { template, maxLengthTokens } = manifest;
      return template.kind === 'pair'
        ? createPairEncoder(tokenizer, { template, maxLengthTokens })
        : createPromptEncoder(tokenizer, { template, maxLengthTokens, tokens: [], isQueryKept });
    }
    default:
      return manifest satisfies never;
  }
}
