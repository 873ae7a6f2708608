/** The content of a W3C `traceparent`. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits: the parent span. */
  spanId: string;
  /** Whether the caller records the trace. */
  isSampled: boolean;
}

/** Version, trace id, parent id and flags. Later versions than 00 may append more. */
const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const lengthMax = 512;

/** Parses a `traceparent`. Undefined if it is invalid; it must then be ignored and not passed on. */
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
