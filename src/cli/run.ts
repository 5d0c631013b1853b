// From arguments to an exit code: reads them, opens what the command needs, runs it, closes everything, and turns
// whatever was thrown into words.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { packageFolder, packageVersion } from '../package-folder.js';
import { type Given, parse } from './arguments.js';
import { type CommandName, commandSpec, isCommand, type Needs } from './catalog.js';
import { EXIT, type ExitCode, faultOf, UsageError } from './exit-code.js';
import { createInput } from './input.js';
import { createOutput, type Output } from './output.js';
import { withRunningStack } from './running-stack.js';
import { help, PROGRAM, usage } from './text/help.js';
import type { CliConfig } from './tools.js';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Invocation {
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** Throws, naming every variable that is missing or wrong. */
  readonly configure: (needs: Needs, environment: Environment) => CliConfig;
}

export async function run({ argv, environment, configure }: Invocation): Promise<ExitCode> {
  const parsed = parse(argv);
  const output = outputFor(argv);
  switch (parsed.kind) {
    case 'help':
      process.stdout.write(help(parsed.topic));
      return EXIT.done;
    case 'version':
      process.stdout.write(`${packageVersion()}\n`);
      return EXIT.done;
    case 'usage':
      output.fault({ exit: EXIT.usage, code: 'usage', message: parsed.message, extra: {} });
      if (!output.isJson) output.note(argv.length === 0 ? `\n${help('')}` : hintFor(parsed.topic));
      return EXIT.usage;
    case 'run':
      return runCommand(parsed, { environment, configure, output });
  }
}

async function runCommand(
  { name, given }: { readonly name: CommandName; readonly given: Given },
  { environment, configure, output }: Omit<Invocation, 'argv'> & { readonly output: Output },
): Promise<ExitCode> {
  try {
    const { needs } = commandSpec(name);
    const config = await configured({ configure, needs, environment });
    const [{ PROGRAMS }, { openTools }] = await Promise.all([import('./programs/programs.js'), import('./tools.js')]);
    const tools = openTools(config);
    try {
      const author = String(given.options['as'] ?? userInfo().username);
      const input = createInput(process.stdin, (question) => process.stderr.write(question));
      return (await PROGRAMS[name]({ given, output, tools, author, input, interrupted })) ?? EXIT.done;
    } finally {
      await tools.close();
    }
  } catch (error) {
    const fault = faultOf(error);
    output.fault(fault);
    return fault.exit;
  }
}

async function configured(of: {
  readonly configure: Invocation['configure'];
  readonly needs: Needs;
  readonly environment: Environment;
}): Promise<CliConfig> {
  const { isFound, environment } = await withRunningStack(of.environment, defaultDataDir());
  try {
    return of.configure(of.needs, environment);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint = isFound ? WITH_STACK : WITHOUT_STACK;
    throw new UsageError(`${message}\n${hint}`, { cause: error });
  }
}

const WITH_STACK = 'The stack of npm start on this machine was given its own; set the same here.';
const WITHOUT_STACK = 'And no stack of npm start was found running on this machine; DATA_DIR says where to look.';

/** Where `npm start` keeps its data unless DATA_DIR says otherwise. */
const defaultDataDir = (): string => join(packageFolder(), '.data');

/** Before the arguments are known to be right: a script that asked for JSON gets its errors so. */
function outputFor(argv: readonly string[]): Output {
  const { columns } = process.stdout as { columns?: number };
  const streams = {
    out: (text: string) => void process.stdout.write(text),
    error: (text: string) => void process.stderr.write(text),
  };
  return createOutput(streams, {
    isJson: argv.includes('--json'),
    ...(columns === undefined ? {} : { width: columns }),
  });
}

const hintFor = (topic: string): string =>
  isCommand(topic)
    ? `usage: ${usage(topic)}`
    : `usage: ${[PROGRAM, ...(topic === '' ? [] : [topic])].join(' ')} --help`;

let interruption: AbortController | undefined;

/** From now on Ctrl-C is the command's to obey; a second one ends the process at once. */
function interrupted(): AbortSignal {
  if (interruption === undefined) {
    const controller = new AbortController();
    interruption = controller;
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  }
  return interruption.signal;
}
