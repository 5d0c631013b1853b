import '@fontsource-variable/inter';
import '@mantine/core/styles.css';
import './theme/global.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { setNonce } from 'get-nonce';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/problem.js';
import { makeRouter } from './app/router.js';
import { cssVariablesResolver, theme } from './theme/theme.js';

/** Of this load of the page: what components write as styles needs it. */
const nonce = document.getElementById('nonce')?.nonce ?? '';
setNonce(nonce);

const RETRIES = 2;
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What the API refused it refuses again; a server that is away may be back.
      retry: (count, error) =>
        count < RETRIES &&
        error instanceof ApiError &&
        (error.trouble.kind === 'unreachable' || error.trouble.status >= 500),
    },
  },
});
const router = makeRouter(queries);

const element = document.getElementById('root');
if (element === null) throw new Error('the page has no root');
createRoot(element).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
