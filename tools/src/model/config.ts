import { secret } from '@rerank-fleet/service-shell';
import { z } from 'zod';

/** Everything that configures `npm run model`, by the name of its environment variable. */
export const modelToolSchema = z.object({
  MODELS_DIR: z.string().default('models').describe('Folder of model bundles, <name>/<version>/manifest.json'),
  HF_ENDPOINT: z.url().default('https://huggingface.co').describe('Hub that models are pulled from'),
  HF_TOKEN: secret().optional().describe('Token for repositories that ask for a login or an accepted licence'),
});

export type ModelToolConfig = z.infer<typeof modelToolSchema>;
