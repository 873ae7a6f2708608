import { extendZodWithOpenApi, zodToOpenAPIRegistry } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

extendZodWithOpenApi(z);

/** zod with support for documentation in schemas (`.openapi`). All schemas of the API use this import. */
export { z };

/**
 * Names a schema of the contract in the API's description. The contract knows nothing of OpenAPI, so that its schemas
 * have no `.openapi`.
 */
export function named<T extends z.ZodType>(schema: T, name: string): T {
  zodToOpenAPIRegistry.add(schema, { _internal: { refId: name } });
  return schema;
}
