// Every page is an address; this is the one place that spells them.
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { z } from 'zod';
import { isUnauthenticated } from '../api/problem.js';
import { meQuery } from '../api/queries.js';
import { STATUSES } from '../connections/status.js';
import { Frame } from './frame/Frame.js';
import { NoPage } from './NoPage.js';
import { PageFailed } from './PageFailed.js';

interface Context {
  readonly queries: QueryClient;
}

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  errorComponent: PageFailed,
  notFoundComponent: NoPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: z.string().startsWith('/').optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../pages/sign-in/SignIn.js'), 'SignIn'),
});

/** Whoever is not signed in is led to sign in, and back afterwards. */
const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Frame,
  beforeLoad: async ({ context, location }) => {
    try {
      return { me: await context.queries.ensureQueryData(meQuery) };
    } catch (error) {
      // A router is led elsewhere by what is thrown.
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      if (isUnauthenticated(error)) throw redirect({ to: '/sign-in', search: { next: location.href } });
      throw error;
    }
  },
});

const overview = createRoute({
  getParentRoute: () => frame,
  path: '/',
  component: lazyRouteComponent(() => import('../pages/overview/Overview.js'), 'Overview'),
});

const sources = createRoute({
  getParentRoute: () => frame,
  path: '/sources',
  component: lazyRouteComponent(() => import('../pages/sources/SourceManagement.js'), 'SourceManagement'),
});

const sentinelOne = createRoute({
  getParentRoute: () => frame,
  path: '/sources/sentinelone',
  validateSearch: z.object({ status: z.enum(STATUSES).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../pages/sources/SentinelOne.js'), 'SentinelOne'),
});

const connection = createRoute({
  getParentRoute: () => frame,
  path: '/sources/sentinelone/$connectionId',
  component: lazyRouteComponent(() => import('../pages/connection/ConnectionPage.js'), 'ConnectionPage'),
});

const configure = createRoute({
  getParentRoute: () => frame,
  path: '/sources/sentinelone/$connectionId/configure',
  component: lazyRouteComponent(() => import('../pages/configure/Configure.js'), 'Configure'),
});

const add = createRoute({
  getParentRoute: () => frame,
  path: '/sources/sentinelone/add',
  component: lazyRouteComponent(() => import('../pages/add/Add.js'), 'Add'),
});

const notices = createRoute({
  getParentRoute: () => frame,
  path: '/notices',
  validateSearch: z.object({ state: z.enum(['open', 'resolved']).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../pages/notices/Notices.js'), 'Notices'),
});

const organizations = createRoute({
  getParentRoute: () => frame,
  path: '/organizations',
  validateSearch: z.object({ search: z.string().max(200).optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('../pages/organizations/Organizations.js'), 'Organizations'),
});

const tree = root.addChildren([
  signIn,
  frame.addChildren([overview, sources, sentinelOne, add, connection, configure, notices, organizations]),
]);

export const makeRouter = (queries: QueryClient) =>
  createRouter({ routeTree: tree, context: { queries }, defaultPreload: 'intent', scrollRestoration: true });

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
