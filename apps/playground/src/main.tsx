import '@mantine/core/styles.css';
import '@mantine/dropzone/styles.css';
import './page/page.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { startTranslations } from './i18n/start';
import { cssVariables, theme } from './theme';

const root = document.getElementById('root');
if (!root) throw new Error('the page has no element with the id root');
await startTranslations();
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <App />
    </MantineProvider>
  </StrictMode>,
);
