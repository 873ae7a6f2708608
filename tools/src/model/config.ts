import { secret } from '@rerank-fleet/service-shell';
import { providers } from '@rerank-fleet/scoring';
import { z } from 'zod';

/** Environment variables that configure `npm run model`. */
export const modelToolSchema = z.object({
  MODELS_DIR: z.string().default('models').describe('Folder of model bundles, <name>/<version>/manifest.json'),
  HF_ENDPOINT: z.url().default('https://huggingface.co').describe('Hub from which models are pulled'),
  HF_TOKEN: secret().optional().describe('Token for repositories that require a login or an accepted licence'),
  PROVIDER: z
    .enum(providers)
    .optional()
    .describe(
      'What the model will be served on, which decides the default variant: int8 for cpu, fp16 for cuda. If unset, cuda where nvidia-smi lists a device',
    ),
});

export type ModelToolConfig = z.infer<typeof modelToolSchema>;
