import Ajv2020, { type AnySchema, type ValidateFunction } from 'ajv/dist/2020';
import { z } from 'zod';
import { type JsonSchema, jsonSchema } from './json-schema';

/** One operation of a gateway's OpenAPI document. */
export interface Operation {
  method: string;
  /** May contain path parameters: `/v1/models/{name}`. */
  path: string;
  statuses: ReadonlySet<number>;
  /** Schemas of its body, one per dialect; empty when it has no body. */
  bodies: readonly JsonSchema[];
  /** Describes how the JSON of an answer differs from its schema; undefined when it matches. */
  faultOf(status: number, body: unknown): string | undefined;
}

/** The parsed OpenAPI document of a gateway. */
export interface Description {
  operations: readonly Operation[];
  /** Resolves the `$ref` of a schema. */
  resolve(schema: JsonSchema): JsonSchema;
  /** Whether a value matches an error body of any operation. */
  isError(body: unknown): boolean;
}

const content = z.object({ 'application/json': z.object({ schema: jsonSchema }).optional() }).optional();
const operation = z.object({
  requestBody: z.object({ content }).optional(),
  responses: z.record(z.string(), z.object({ content })),
});
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), jsonSchema) }),
});

type Document = z.infer<typeof document>;
const documentId = 'openapi';

/** Parses the answer of `GET /openapi.json`. Throws when it is not such a document. */
export function readDescription(value: unknown): Description {
  const parsed = document.parse(value);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(value as AnySchema, documentId);
  const resolve = (schema: JsonSchema): JsonSchema => {
    const name = schema.$ref?.split('/').at(-1);
    const target = name === undefined ? schema : parsed.components.schemas[name];
    if (target === undefined) throw new Error(`the description refers to ${name}, which it does not contain`);
    return name === undefined ? target : resolve(target);
  };
  const errorNames = Object.keys(parsed.components.schemas).filter((name) => name.endsWith('Error'));
  const errors = errorNames.map((name) => schemaAt(ajv, ['components', 'schemas', name]));
  return {
    operations: Object.entries(parsed.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => readOperation(parsed, ajv, { path, method, resolve })),
    ),
    resolve,
    isError: (body) => errors.some((isValid) => isValid(body)),
  };
}

interface OperationAddress {
  path: string;
  method: string;
  resolve(schema: JsonSchema): JsonSchema;
}

function readOperation({ paths }: Document, ajv: Ajv2020, { path, method, resolve }: OperationAddress): Operation {
  const { requestBody, responses } = paths[path]?.[method] ?? { responses: {} };
  const body = requestBody?.content?.['application/json']?.schema;
  const checks = new Map<number, ValidateFunction>();
  for (const [status, response] of Object.entries(responses)) {
    if (response.content?.['application/json'] === undefined) continue;
    const pointer = ['paths', path, method, 'responses', status, 'content', 'application/json', 'schema'];
    checks.set(Number(status), schemaAt(ajv, pointer));
  }
  return {
    method: method.toUpperCase(),
    path,
    statuses: new Set(Object.keys(responses).map(Number)),
    bodies: body === undefined ? [] : (body.anyOf ?? [body]).map(resolve),
    faultOf(status, value) {
      const isValid = checks.get(status);
      if (isValid === undefined || isValid(value)) return undefined;
      return `the body is not as described: ${ajv.errorsText(isValid.errors)}`;
    },
  };
}

function schemaAt(ajv: Ajv2020, pointer: readonly string[]): ValidateFunction {
  const escaped = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
  return ajv.compile({ $ref: `${documentId}#/${escaped.join('/')}` });
}
