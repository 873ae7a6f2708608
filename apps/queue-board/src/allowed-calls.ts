import type { Request, RequestHandler } from 'express';

/** Calls of bull-board's page that show something. What is not here could show a job's data in a way of its own. */
const readCalls = [
  /^\/api\/queues$/,
  /^\/api\/job-schedulers$/,
  /^\/api\/queues\/[^/]+\/(?:metrics|rate-limit|workers|default-job-options)$/,
  /^\/api\/queues\/[^/]+\/[^/]+$/,
  /^\/api\/queues\/[^/]+\/[^/]+\/logs$/,
];

/** Calls that change something which an operator has a reason to change: what runs, and what lies around. */
const writeCalls = [
  /^\/api\/queues\/(?:pause|resume)$/,
  /^\/api\/queues\/[^/]+\/(?:pause|resume|empty)$/,
  /^\/api\/queues\/[^/]+\/clean\/[^/]+$/,
  /^\/api\/queues\/[^/]+\/[^/]+\/clean$/,
];

/**
 * Lets through the calls that the board needs, and refuses all others with 403: bull-board grows new ones with each
 * version. Changes must come from the board's own page (`Sec-Fetch-Site` or `Origin`), so that no other site can make
 * them with the cookie of somebody who is logged in.
 */
export function allowedCalls(isWritable: boolean): RequestHandler {
  return (request, response, next) => {
    const refuse = (error: string) => void response.status(403).json({ error });
    const { path, method } = request;
    if (method === 'GET' || method === 'HEAD') {
      // express matches paths whatever their case
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
