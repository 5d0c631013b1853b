// Where the code that runs inside workflows lies, for whoever bundles it: sources in development, JavaScript in a
// build.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BundleOptions } from '@temporalio/worker';

const pathOf = (module: string): string => {
  const path = fileURLToPath(new URL(`../../workflows/${module}`, import.meta.url));
  return existsSync(`${path}.ts`) ? `${path}.ts` : `${path}.js`;
};

/** All of it belongs together: without the two others, what is sent by hand could stop a workflow. */
export const workflowSources = () =>
  ({
    workflowsPath: pathOf('index'),
    payloadConverterPath: pathOf('payload-converter'),
    workflowInterceptorModules: [pathOf('interceptors')],
  }) satisfies BundleOptions;
