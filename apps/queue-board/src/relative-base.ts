import type { AppViewRoute } from '@bull-board/api/typings/app';
import { ExpressAdapter } from '@bull-board/express';

/** bull-board's router and calls need the base of the page as an absolute path. The sent page has a relative one. */
const makeBaseAbsolute = `const base = document.querySelector('base');
base.setAttribute('href', new URL(base.href).pathname);
`;

/**
 * The relative address of the board's root from the page at `path`. It is relative because a proxy may add a prefix
 * that the board does not see.
 */
export function rootFrom(path: string): string {
  return '../'.repeat(path.split('/').length - 2) || './';
}

/** bull-board's Express adapter with a page that works under any prefix of a proxy. */
export class RelativeBaseAdapter extends ExpressAdapter {
  override setEntryRoute({ method, route, handler }: AppViewRoute): this {
    this.app.get('/base.js', (_request, response) => void response.type('js').send(makeBaseAbsolute));
    this.app[method](route, (request, response, next) => {
      const { name, params } = handler({ basePath: rootFrom(request.path), uiConfig: this.uiConfig });
      response.render(name, params, (error, page?: string) => {
        if (page === undefined) return next(error);
        // The script runs before the page's own scripts, which are deferred. Links to fonts on other hosts are removed.
        const own = page.replace(/<link [^>]*href="https:[^>]*>/g, '');
        response.send(own.replace(/<base [^>]*>/, '$&<script src="base.js"></script>'));
      });
    });
    return this;
  }
}
