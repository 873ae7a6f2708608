import type { MixedRequest } from './request-mix';

/** The bytes of a ranking request to a gateway. */
export function requestBytes(
  url: string,
  { question, dialect, timeoutMs }: Pick<MixedRequest, 'question' | 'dialect' | 'timeoutMs'>,
): Buffer {
  const body = Buffer.from(JSON.stringify(dialect.body(question)));
  const lines = [
    `POST ${dialect.path} HTTP/1.1`,
    `host: ${new URL(url).host}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    ...(timeoutMs === undefined ? [] : [`x-request-timeout-ms: ${timeoutMs}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}
