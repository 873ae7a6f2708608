import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';

extendZodWithOpenApi(z);

/** zod whose schemas also carry their documentation (`.openapi`); schemas of the API are made with this one only. */
export { z };
