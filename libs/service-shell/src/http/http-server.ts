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

/** What a server refuses before its application is asked. The messages quote nothing of a request. */
export const httpRefusals = {
  unreadable: { code: 'malformed_request', status: 400, message: 'This is not a valid HTTP request.' },
  noHost: { code: 'malformed_request', status: 400, message: 'A request of HTTP/1.1 must have the header Host.' },
  badTarget: {
    code: 'malformed_request',
    status: 400,
    message: 'The address of a request must be a path or a valid http or https URL.',
  },
  headersTimeout: { code: 'headers_timeout', status: 408, message: 'The request did not arrive in time.' },
  expectation: {
    code: 'expectation_failed',
    status: 417,
    message: 'No expectation but 100-continue can be met.',
  },
  headersTooLarge: {
    code: 'headers_too_large',
    status: 431,
    message: 'The address and the headers are larger than 16 KB together.',
  },
} as const;

export type HttpRefusal = (typeof httpRefusals)[keyof typeof httpRefusals];

/** What is sent with the status of a refusal. */
export interface RefusalAnswer {
  /** Sent as JSON. */
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** Whose refusal it is. */
export interface Refused {
  /** Undefined where none could be read. */
  request: IncomingMessage | undefined;
  /** The listener has got it already, and only its body is at fault: it sees the connection end. */
  isTaken: boolean;
}

/** Makes the answer to a refusal, once for each. */
export type AnswerRefusal = (refusal: HttpRefusal, refused: Refused) => RefusalAnswer;

/** The parts of a server. */
export interface HttpServerParts {
  /** Gets every request that is not refused. */
  listener: RequestListener;
  answerRefusal: AnswerRefusal;
  options?: ServerOptions;
}

/** How long the other side may take to read why it is refused, and to close: nobody is waited for longer. */
const lingerMs = 1_000;

/**
 * An HTTP server whose every answer has a body of its application: what Node would answer without one, or drop without
 * an answer, is answered by `answerRefusal`. That is what cannot be parsed or does not arrive, a request of HTTP/1.1
 * without `Host`, one that expects what nobody does, CONNECT, and a target that is neither a path, nor `*`, nor a URL.
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
  // as long as nobody listens for it, Node answers an unknown `Expect` itself
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
    // what follows what cannot be understood could be anything
    ...(code === 'malformed_request' && { connection: 'close' }),
    ...headers,
  });
  response.end(text);
}

/** Where there is no response to write to. */
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
