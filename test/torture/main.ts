// `npm run torture -- --minutes N --seed S`: a stack of real processes, a seeded plan of faults, a verdict; exit 0 only
// when nothing is lost, doubled or misplaced. `--json` prints the report as one JSON object on stdout and the rest on
// stderr. Data and logs of a run that failed are kept; with `--keep` always.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryDataDir } from '../../src/embedded/data-dir.js';
import { supervise } from '../../src/embedded/processes/supervisor.js';
import { runCampaign } from './campaign.js';
import { planCampaign } from './plan.js';
import { asText, type Report } from './report.js';
import { raiseStack, type TortureStack } from './stack.js';

const USAGE = 'npm run torture -- [--minutes 10] [--seed <whole number>] [--json] [--keep]';
const SEEDS = 2 ** 31;
const INTERRUPTED = 130;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % SEEDS) },
    json: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
if (!Number.isInteger(seed) || !Number.isFinite(minutes)) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
const plan = planCampaign({ seed, minutes });
const log = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);

const dataDir = await temporaryDataDir();
log(`seed ${seed}, ${minutes} minutes; logs in ${dataDir}/logs`);
await writeFile(join(dataDir, 'plan.json'), JSON.stringify(plan, null, 2));
let raised: TortureStack | undefined;
let report: Report | undefined;
const exitCode = await supervise({
  log,
  start: async (stack) => {
    raised = await raiseStack({ stack, dataDir, seed, log });
    const record = (file: string, value: unknown) => writeFile(join(dataDir, file), JSON.stringify(value, null, 2));
    report = await runCampaign({ stack: raised, plan, signal: stack.signal, log, record });
    await record('report.json', report);
    process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : asText(report));
    return report.ok ? 0 : 1;
  },
});
await raised?.close();
// Stopped by a person before there was a verdict: nothing to look at.
const interrupted = report === undefined && exitCode === 0;
if (exitCode === 0 && !values.keep) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
else log(`data, logs, plan.json, timeline.json and report.json are kept in ${dataDir}`);
process.exit(interrupted ? INTERRUPTED : exitCode);
