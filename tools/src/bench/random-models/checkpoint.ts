import { open, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../statistics';

/** Sizes of each axis of a model's tensors, by their names. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** What the owner of a model publishes, apart from the values of its weights. */
export interface ModelRecipe {
  name: string;
  config: object;
  shapes: Shapes;
  tokenizer: { json: unknown; config: unknown };
}

/** Largest weight of a matrix; weights are uniform. Their standard deviation is 0.02, as when training begins. */
const weightLimit = 0.02 * Math.sqrt(3);
/** Weights that are made at once. */
const partElements = 1 << 20;

const elementsOf = (shape: readonly number[]): number => shape.reduce((product, axis) => product * axis, 1);

/** The number of weights of a model. */
export const weightsOf = (shapes: Shapes): number =>
  Object.values(shapes).reduce((sum, shape) => sum + elementsOf(shape), 0);

/**
 * Writes the files that the owner of a model publishes, with seeded random weights in bfloat16. Norms multiply by one
 * and add nothing, so that values stay in the range of a trained model's.
 */
export async function writeCheckpoint(folder: string, { config, shapes, tokenizer }: ModelRecipe): Promise<void> {
  const jsons = { 'config.json': config, 'tokenizer.json': tokenizer.json, 'tokenizer_config.json': tokenizer.config };
  for (const [name, json] of Object.entries(jsons)) await writeFile(join(folder, name), JSON.stringify(json));
  const file = await open(join(folder, 'model.safetensors'), 'w');
  try {
    await file.write(headerOf(shapes));
    for (const [index, [name, shape]] of Object.entries(shapes).entries()) {
      await writeValues(file, elementsOf(shape), valueOf(name, shape, index));
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The length of the header, and the header: type, shape and place of each tensor. */
function headerOf(shapes: Shapes): Buffer {
  let end = 0;
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const begin = end;
    end += 2 * elementsOf(shape);
    return [name, { dtype: 'BF16', shape, data_offsets: [begin, end] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(tensors)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json]);
}

/** Gives the values of a tensor one after the other. */
function valueOf(name: string, shape: readonly number[], seed: number): () => number {
  if (name.endsWith('.bias')) return () => 0;
  if (shape.length === 1) return () => 1;
  const random = seededRandom(seed);
  return () => (2 * random() - 1) * weightLimit;
}

async function writeValues(file: FileHandle, count: number, value: () => number): Promise<void> {
  const float = new Float32Array(1);
  const bits = new Uint32Array(float.buffer);
  const part = new Uint16Array(Math.min(count, partElements));
  for (let done = 0; done < count; done += part.length) {
    const length = Math.min(part.length, count - done);
    for (let index = 0; index < length; index++) {
      float[0] = value();
      // bfloat16 is the upper half of float32
      part[index] = (bits[0] as number) >>> 16;
    }
    await file.write(part, 0, 2 * length);
  }
}
