// Builds dist/workflow-bundle.js, which production workers load instead of bundling at every start.
// Part of `npm run build`.
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { workflowSources } from '../src/worker/workflow-sources.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const { code } = await bundleWorkflowCode(workflowSources());
await mkdir(path('../dist'), { recursive: true });
await writeFile(path('../dist/workflow-bundle.js'), code);
