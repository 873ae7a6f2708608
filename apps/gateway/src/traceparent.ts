/** Version, trace id, parent id and flags of W3C Trace Context; versions after 00 may carry more. */
const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;

/** The header if it is a valid W3C `traceparent`, else undefined: an invalid one must be ignored, not passed on. */
export function validTraceparent(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || header.length > 512) return undefined;
  const match = pattern.exec(header);
  if (!match) return undefined;
  const [, version, traceId, parentId, rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  return isZero(traceId) || isZero(parentId) ? undefined : header;
}

function isZero(hex: string | undefined): boolean {
  return hex === undefined || /^0+$/.test(hex);
}
