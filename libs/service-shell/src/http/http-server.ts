import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
  STATUS_CODES,
  createServer,
} from 'node:http';
import type { Duplex } from 'node:stream';

/** The refusals of a server before its application is called. The messages contain no text of a request. */
export const httpRefusals = {
  unreadable: { code: 'malformed_request', status: 400, message: 'This is not a valid HTTP request.' },
  noHost: { code: 'malformed_request', status: 400, message: 'An HTTP/1.1 request must have a Host header.' },
  badTarget: {
    code: 'malformed_request',
    status: 400,
    message: 'The request target must be a path or a valid http or https URL.',
  },
  headersTimeout: { code: 'headers_timeout', status: 408, message: 'The request did not arrive in time.' },
  expectation: {
    code: 'expectation_failed',
    status: 417,
    message: 'The only supported expectation is 100-continue.',
  },
  headersTooLarge: {
    code: 'headers_too_large',
    status: 431,
    message: 'The request target and the headers together are larger than 16 KB.',
  },
} as const;

export type HttpRefusal = (typeof httpRefusals)[keyof typeof httpRefusals];

/** The answer to a refusal, sent with its status. */
export interface RefusalAnswer {
  /** Sent as JSON. */
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** The refused request. */
export interface Refused {
  /** Undefined if no request could be parsed. */
  request: IncomingMessage | undefined;
  /**
   * Whether the listener already has the request and only its body is invalid. The listener sees the connection end.
   */
  isTaken: boolean;
}

/** Creates the answer to a refusal. Called once per refusal. */
export type AnswerRefusal = (refusal: HttpRefusal, refused: Refused) => RefusalAnswer;

/** The parts of a server. */
export interface HttpServerParts {
  /** Called with every request that is not refused. */
  listener: RequestListener;
  answerRefusal: AnswerRefusal;
  options?: ServerOptions;
}

/** Time for the client to read the refusal and to close. After it, the connection is closed. */
const lingerMs = 1_000;

/**
 * Creates an HTTP server in which every answer has a body of the application. Requests that Node would answer without a
 * body, or drop, are answered by `answerRefusal`: requests that cannot be parsed or do not arrive, HTTP/1.1 without
 * `Host`, an unknown expectation, CONNECT, and a target that is neither a path, nor `*`, nor a URL.
 */
export function createHttpServer({ listener, answerRefusal, options = {} }: HttpServerParts): Server {
  const latest = new WeakMap<Duplex, ServerResponse>();
  const take = (request: IncomingMessage, response: ServerResponse, refusal: HttpRefusal | undefined): void => {
    latest.set(request.socket, response);
    if (refusal === undefined) listener(request, response as Parameters<RequestListener>[1]);
    else refuse(response, refusal, answerRefusal(refusal, { request, isTaken: false }));
  };
  const server = createServer({ ...options, requireHostHeader: false }, (request, response) =>
    take(request, response, refusalOf(request)),
  );
  // without a listener, Node itself answers an unknown `Expect`
  server.on('checkExpectation', (request, response) =>
    take(request, response, refusalOf(request) ?? httpRefusals.expectation),
  );
  server.on('connect', (request, socket) => {
    socket.on('error', () => socket.destroy());
    refuseOn(socket, httpRefusals.badTarget, answerRefusal(httpRefusals.badTarget, { request, isTaken: false }));
  });
  server.on('clientError', (error: ParserError, socket) => {
    const last = latest.get(socket);
    const partial = last?.req.complete === false ? last : undefined;
    if (partial?.headersSent || error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const refusal = refusalOfParser(error.code);
    refuseOn(socket, refusal, answerRefusal(refusal, { request: partial?.req, isTaken: partial !== undefined }));
  });
  return server;
}

interface ParserError extends Error {
  code?: string;
}

function refusalOfParser(code: string | undefined): HttpRefusal {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return httpRefusals.headersTimeout;
    case 'HPE_HEADER_OVERFLOW':
      return httpRefusals.headersTooLarge;
    default:
      return httpRefusals.unreadable;
  }
}

function refusalOf({ url = '', headers, httpVersion }: IncomingMessage): HttpRefusal | undefined {
  if (httpVersion === '1.1' && headers.host === undefined) return httpRefusals.noHost;
  const isReadable = url.startsWith('/') || url === '*' || (/^https?:/i.test(url) && URL.canParse(url));
  return isReadable ? undefined : httpRefusals.badTarget;
}

function refuse(response: ServerResponse, { code, status }: HttpRefusal, { body, headers }: RefusalAnswer): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    ...headersOf(text),
    // after an unparsable request, the rest of the connection cannot be interpreted
    ...(code === 'malformed_request' && { connection: 'close' }),
    ...headers,
  });
  response.end(text);
}

/** Answers on a socket without a response. */
function refuseOn(socket: Duplex, { status }: HttpRefusal, { body, headers }: RefusalAnswer): void {
  const text = JSON.stringify(body);
  const all = Object.entries({ ...headersOf(text), connection: 'close', ...headers });
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...all.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
}

function headersOf(text: string) {
  return { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) };
}
