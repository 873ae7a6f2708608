import type { Request, RequestHandler } from 'express';

/** Allowed read calls of bull-board's page. Other calls could show the data of a job. */
const readCalls = [
  /^\/api\/queues$/,
  /^\/api\/job-schedulers$/,
  /^\/api\/queues\/[^/]+\/(?:metrics|rate-limit|workers|default-job-options)$/,
  /^\/api\/queues\/[^/]+\/[^/]+$/,
  /^\/api\/queues\/[^/]+\/[^/]+\/logs$/,
];

/** Allowed write calls: pausing queues and removing jobs. */
const writeCalls = [
  /^\/api\/queues\/(?:pause|resume)$/,
  /^\/api\/queues\/[^/]+\/(?:pause|resume|empty)$/,
  /^\/api\/queues\/[^/]+\/clean\/[^/]+$/,
  /^\/api\/queues\/[^/]+\/[^/]+\/clean$/,
];

/**
 * Allows the calls that the board needs and refuses all others with 403, because new versions of bull-board add calls.
 * Changes must come from the board's own page (`Sec-Fetch-Site` or `Origin`), so that other sites cannot use the cookie
 * of a logged-in operator.
 */
export function allowedCalls(isWritable: boolean): RequestHandler {
  return (request, response, next) => {
    const refuse = (error: string) => void response.status(403).json({ error });
    const { path, method } = request;
    if (method === 'GET' || method === 'HEAD') {
      // Express matches paths case-insensitively
      if (!/^\/api\//i.test(path) || readCalls.some((call) => call.test(path))) return next();
      return refuse('This board does not show that.');
    }
    if (!isWritable) return refuse('This board is read-only.');
    if (!isOwnPage(request)) return refuse('Changes must come from the page of the board.');
    if (!writeCalls.some((call) => call.test(path))) return refuse('This board does not change that.');
    next();
  };
}

function isOwnPage({ headers, host }: Request): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
}
