// Builds dist/workflow-bundle.js, which production workers load instead of bundling at every start.
// Part of `npm run build`.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const { code } = await bundleWorkflowCode({
  workflowsPath: path('../workflows/index.ts'),
  payloadConverterPath: path('../workflows/payload-converter.ts'),
});
await mkdir(path('../dist'), { recursive: true });
await writeFile(path('../dist/workflow-bundle.js'), code);
