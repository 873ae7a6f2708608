import { secret } from '@rerank-fleet/service-shell';
import { z } from 'zod';

/** Environment variables that configure `npm run model`. */
export const modelToolSchema = z.object({
  MODELS_DIR: z.string().default('models').describe('Folder of model bundles, <name>/<version>/manifest.json'),
  HF_ENDPOINT: z.url().default('https://huggingface.co').describe('Hub from which models are pulled'),
  HF_TOKEN: secret().optional().describe('Token for repositories that require a login or an accepted licence'),
});

export type ModelToolConfig = z.infer<typeof modelToolSchema>;
