import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadBundle, type Bundle } from '@rerank-fleet/model-runtime';
import { createPlainTokenizer } from '@rerank-fleet/scoring';
import { tokenizerRoles } from '../../model/fetch-export';
import { writeManifest } from '../../model/install';
import { qwen3Answers } from '../../model/recognise/templates';
import { cachedModel, makersChecksum, type RandomBundles } from './bundles';
import { weightsOf, type ModelRecipe } from './checkpoint';
import { madeFolder } from './made-folder';
import { writeNaiveQwen3 } from './naive-qwen3';
import type { Qwen3Sizes } from './qwen3';

interface NaiveOptions {
  root: string;
  recipe: ModelRecipe;
  sizes: Qwen3Sizes;
  bundles: RandomBundles;
  say: (line: string) => void;
}

/** The same model as a bundle with the graph of public exports, one pair per call. */
export async function naiveBundle({ root, recipe, sizes, bundles, say }: NaiveOptions): Promise<Bundle> {
  const made = await madeFolder(join(cachedModel(recipe), 'naive'), {
    recipe: makersChecksum(root),
    neededBytes: 4 * weightsOf(recipe.shapes) + 100e6,
    async make(folder) {
      say('  writing its graph as public exports have it');
      await mkdir(join(folder, 'bundle'));
      await writeBundle(join(folder, 'bundle'), { recipe, sizes, bundles });
    },
  });
  return loadBundle(join(made, 'bundle'));
}

async function writeBundle(
  folder: string,
  { recipe, sizes, bundles: { fp32, checkpoint } }: Pick<NaiveOptions, 'recipe' | 'sizes' | 'bundles'>,
): Promise<void> {
  const { manifest } = fp32;
  const answers = qwen3Answers(createPlainTokenizer(recipe.tokenizer.json));
  if (!answers || !('template' in manifest) || !('kind' in manifest.template) || manifest.template.kind !== 'prompt') {
    throw new Error(`${recipe.name} is not a model that answers yes or no`);
  }
  for (const file of Object.values(tokenizerRoles)) await copyFile(join(checkpoint, file), join(folder, file));
  const files = { folder, graph: 'model.onnx', data: 'model.onnx.data' };
  await writeNaiveQwen3(checkpoint, sizes, files);
  await writeManifest(
    {
      manifest: {
        ...manifest,
        head: 'causal-yes-no',
        version: 'naive',
        maxRows: 1,
        template: manifest.template,
        answers,
        inputs: { inputIds: 'input_ids', attentionMask: 'attention_mask', positionIds: 'position_ids' },
        outputs: { logits: 'logits' },
        cache: undefined,
      },
      roles: { model: files.graph, modelData: files.data, ...tokenizerRoles },
    },
    folder,
  );
}
