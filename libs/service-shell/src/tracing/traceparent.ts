/** What a `traceparent` of W3C Trace Context says. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits: the span that this one is a child of. */
  spanId: string;
  /** Whether the caller records the trace. */
  isSampled: boolean;
}

/** Version, trace id, parent id and flags; versions after 00 may carry more. */
const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const lengthMax = 512;

/** Reads a `traceparent`; undefined when it is not a valid one, which must be ignored and not be passed on. */
export function parseTraceparent(text: string): TraceContext | undefined {
  const match = text.length > lengthMax ? null : pattern.exec(text);
  if (!match) return undefined;
  const [, version, traceId = '', spanId = '', flags = '', rest] = match;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (isZero(traceId) || isZero(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

function isZero(hex: string): boolean {
  return /^0+$/.test(hex);
}
