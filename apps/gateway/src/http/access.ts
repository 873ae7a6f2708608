import type { IncomingMessage } from 'node:http';
import type { Failure } from '@rerank-fleet/contract';
import type { AccessCheck } from './api-key';
import { failureOf } from './failure';
import type { OriginRules } from './origins';

/** The rules that decide whether a request may use the API. */
export interface AccessGuard {
  access: AccessCheck;
  origins: OriginRules;
}

const noAccess: Failure = failureOf(
  'unauthorized',
  'A valid API key is needed, as `Authorization: Bearer <key>`, `x-api-key: <key>` or `api-key: <key>`.',
);

const foreignOrigin: Failure = failureOf(
  'origin_not_allowed',
  'Pages of this origin may not use this API without a key. ALLOWED_ORIGINS of the gateway lists the allowed origins.',
);

/** The failure if a request may not use the API. Checked before its body is read. */
export function refusedAccess({ access, origins }: AccessGuard, request: IncomingMessage): Failure | undefined {
  const granted = access(request);
  switch (granted) {
    case 'with_key':
      return undefined;
    case 'without_key':
      return origins.isForeign(request.headers) ? foreignOrigin : undefined;
    case 'denied':
      return noAccess;
    default:
      return granted satisfies never;
  }
}
