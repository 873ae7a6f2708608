import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/**
 * The gateway that `npx vite` passes requests on to while the page is changed, with the page's own `Host`: the gateway
 * compares it with the page's origin.
 */
const gateway = { target: 'http://127.0.0.1:8080', changeOrigin: false };

export default defineConfig({
  // relative addresses, so that the page also works when a proxy serves the gateway under a path
  base: './',
  plugins: [react()],
  build: {
    // what the browsers of the last three years can do; CompressionStream is the youngest of it
    target: ['chrome111', 'firefox114', 'safari16.4'],
    // the gateway serves files under their names; small ones inlined as data: would need a wider content policy
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // whoever serves the page hands on the packages that are in it
    license: { fileName: 'licenses.md' },
    chunkSizeWarningLimit: 1_500,
  },
  server: { proxy: { '/v1': gateway, '/docs': gateway, '/openapi.json': gateway } },
});
