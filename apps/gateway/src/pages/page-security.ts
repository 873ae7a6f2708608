import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Security headers of the pages. They allow no external content. They do not upgrade HTTP to HTTPS, because a gateway
 * in a private network often has no certificate.
 */
export function pageSecurity(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        styleSrc: ["'self'", "'unsafe-inline'"],
        upgradeInsecureRequests: null,
      },
    },
    strictTransportSecurity: false,
  });
}
