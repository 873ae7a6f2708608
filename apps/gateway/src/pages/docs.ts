import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The files of swagger-ui-dist that the page uses. No other file of that folder is served. */
export const swaggerFiles: readonly string[] = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'];

/** Addresses are relative, so that the page also works when a proxy serves the gateway under a path. */
export const docsPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rerank API</title>
<link rel="icon" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/initializer.js"></script>
</body>
</html>
`;

/** Starts Swagger UI with this gateway's description, without an external validator. */
export const docsInitializer = `window.ui = SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
});
`;

/**
 * Finds the folder with Swagger UI's files: `swagger-ui` beside the bundle in a build, otherwise the package's own.
 *
 * @throws if there is neither
 */
export function findSwaggerFolder(bundleFolder: string): string {
  const beside = join(bundleFolder, 'swagger-ui');
  return existsSync(beside) ? beside : dirname(require.resolve('swagger-ui-dist/package.json'));
}
