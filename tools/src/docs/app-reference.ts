import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { errorCodes } from '@rerank-fleet/contract';
import { z } from 'zod';

const configurationSchema = z.array(
  z.object({
    variable: z.string(),
    type: z.string(),
    default: z.string().optional(),
    required: z.boolean(),
    secret: z.boolean(),
    description: z.string(),
  }),
);

const workerSchema = z.object({ app: z.literal('worker'), configuration: configurationSchema });

const gatewaySchema = z.object({
  app: z.literal('gateway'),
  configuration: configurationSchema,
  statusOf: z.record(z.enum(errorCodes), z.number().int()),
  openapi: z.looseObject({ openapi: z.string() }),
});

/** Rows of a configuration table. */
export type Configuration = z.infer<typeof configurationSchema>;
/** What a gateway says about itself for the reference pages. */
export type GatewayReference = z.infer<typeof gatewaySchema>;
/** The same of a worker. */
export type WorkerReference = z.infer<typeof workerSchema>;

/**
 * Asks both apps, run from their sources, for what the reference pages tell of them (`main --print-reference`). No
 * project may import an app, so they are asked as processes. Rejects when one does not answer in its shape.
 */
export async function readReferences(root: string): Promise<{ gateway: GatewayReference; worker: WorkerReference }> {
  const [gateway, worker] = await Promise.all([printed(root, 'gateway'), printed(root, 'worker')]);
  return { gateway: gatewaySchema.parse(gateway), worker: workerSchema.parse(worker) };
}

async function printed(root: string, app: string): Promise<unknown> {
  const main = join(root, 'apps', app, 'src/main.ts');
  const args = ['--conditions=@rerank-fleet/source', '--import', 'tsx', main, '--print-reference'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}
