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

const appSchema = z.object({ app: z.string(), configuration: configurationSchema });

const gatewaySchema = z.object({
  app: z.literal('gateway'),
  configuration: configurationSchema,
  statusOf: z.record(z.enum(errorCodes), z.number().int()),
  openapi: z.looseObject({ openapi: z.string() }),
});

/** Rows of a configuration table. */
export type Configuration = z.infer<typeof configurationSchema>;
/** The data of a gateway for the reference pages. */
export type GatewayReference = z.infer<typeof gatewaySchema>;
/** The data of every app for the reference pages. */
export type AppReference = z.infer<typeof appSchema>;

const otherApps = ['worker', 'queue-board', 'quality-probe'];

/**
 * Runs the apps from their sources with `--print-reference` and returns their data for the reference pages. They run as
 * processes, because no project may import an app. Rejects when the output of an app has a wrong shape.
 */
export async function readReferences(root: string): Promise<{ gateway: GatewayReference; others: AppReference[] }> {
  const gateway = gatewaySchema.parse(await printed(root, 'gateway'));
  const others: AppReference[] = [];
  for (const app of otherApps) others.push(appSchema.parse(await printed(root, app)));
  return { gateway, others };
}

async function printed(root: string, app: string): Promise<unknown> {
  const main = join(root, 'apps', app, 'src/main.ts');
  const args = ['--conditions=@rerank-fleet/source', '--import', 'tsx', main, '--print-reference'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout);
}
