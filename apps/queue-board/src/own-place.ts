import type { AppViewRoute } from '@bull-board/api/typings/app';
import { ExpressAdapter } from '@bull-board/express';

/** bull-board's router and its calls take the page's base as a path, not as the relative address that the page comes with. */
const makeBaseAbsolute = `const base = document.querySelector('base');
base.setAttribute('href', new URL(base.href).pathname);
`;

/**
 * The address of the board's root as seen from the page at a path of ours, relative: a proxy may serve the board under a
 * prefix that it keeps to itself.
 */
export function rootFrom(path: string): string {
  return '../'.repeat(path.split('/').length - 2) || './';
}

/** bull-board's adapter with a page that works wherever a proxy puts it. */
export class OwnPlaceAdapter extends ExpressAdapter {
  override setEntryRoute({ method, route, handler }: AppViewRoute): this {
    this.app.get('/base.js', (_request, response) => void response.type('js').send(makeBaseAbsolute));
    this.app[method](route, (request, response, next) => {
      const { name, params } = handler({ basePath: rootFrom(request.path), uiConfig: this.uiConfig });
      response.render(name, params, (error, page?: string) => {
        if (page === undefined) return next(error);
        // the script runs before the page's own ones, which are deferred; its fonts are on another host
        const own = page.replace(/<link [^>]*href="https:[^>]*>/g, '');
        response.send(own.replace(/<base [^>]*>/, '$&<script src="base.js"></script>'));
      });
    });
    return this;
  }
}
