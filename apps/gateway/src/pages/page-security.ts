import type { RequestHandler } from 'express';
import helmet from 'helmet';

/**
 * Security headers of the pages. Nothing is loaded from elsewhere; plain HTTP stays plain, because a gateway in a private
 * network often has no certificate.
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
