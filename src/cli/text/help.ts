// What --help shows. Pure: made from the catalog, so that it cannot name a command that is not there.
import { NOUNS } from '../arguments.js';
import {
  COMMAND_NAMES,
  type CommandName,
  COMMANDS,
  commandSpec,
  GLOBAL_OPTIONS,
  isCommand,
  type OptionSpec,
} from '../catalog.js';
import { EXIT_MEANINGS } from '../exit-code.js';

export const PROGRAM = 'sentinelone-log-source';

/** `topic` is a command, a noun, or empty for everything. */
export function help(topic: string): string {
  if (isCommand(topic)) return helpOf(topic);
  return NOUNS.includes(topic) ? `${commandLines(topic)}\n\n${HINT}\n` : overview();
}

const HINT = `${PROGRAM} COMMAND --help says more of one. Ids may be shortened to a unique beginning.`;

function overview(): string {
  return [
    `Usage: ${PROGRAM} COMMAND [OPTIONS]`,
    '',
    'Operates the SentinelOne log source: every account, on the machine itself.',
    '',
    NOUNS.map(commandLines).join('\n\n'),
    '',
    'A noun alone is its list; a verb alone is a connection’s: `list` is `connection list`.',
    HINT,
    '',
    'Options of every command:',
    optionLines(GLOBAL_OPTIONS),
    '',
    'Exit codes:',
    ...Object.entries(EXIT_MEANINGS).map(([code, meaning]) => `  ${code}  ${meaning}`),
    '',
    'Environment: as a worker has it: DATABASE_URL, and where a command needs them TEMPORAL_ADDRESS,',
    'TEMPORAL_NAMESPACE and ENCRYPTION_KEYS. Where they are not set, a stack that `npm start` runs on this',
    'machine is used; DATA_DIR says where it keeps its data.',
    '',
  ].join('\n');
}

function helpOf(name: CommandName): string {
  const { summary, about, options } = commandSpec(name);
  return [
    `Usage: ${usage(name)}`,
    '',
    `${summary}.`,
    ...(about === undefined ? [] : [about]),
    '',
    ...(Object.keys(options).length === 0 ? [] : ['Options:', optionLines(options), '']),
    'Options of every command:',
    optionLines(GLOBAL_OPTIONS),
    '',
  ].join('\n');
}

/** `sentinelone-log-source connection remap ID --csv FILE [--dry-run]`. */
export function usage(name: CommandName): string {
  const { options } = commandSpec(name);
  const shown = Object.entries(options)
    .filter(([, { insteadOfOperands }]) => insteadOfOperands !== true)
    .map(([option, spec]) => (spec.required === true ? spelled(option, spec) : `[${spelled(option, spec)}]`));
  return [PROGRAM, withOperands(name), ...shown].join(' ');
}

function commandLines(noun: string): string {
  const width = Math.max(...COMMAND_NAMES.map((name) => withOperands(name).length));
  return COMMAND_NAMES.filter((name) => name.startsWith(`${noun} `))
    .map((name) => `  ${withOperands(name).padEnd(width)}  ${COMMANDS[name].summary}`)
    .join('\n');
}

/** `connection repair ID|--all`. */
function withOperands(name: CommandName): string {
  const { operands, options } = commandSpec(name);
  const instead = Object.entries(options).filter(([, { insteadOfOperands }]) => insteadOfOperands === true);
  const either = [operands.join(' '), ...instead.map(([option, spec]) => spelled(option, spec))].join('|');
  return either === '' ? name : `${name} ${either}`;
}

function optionLines(options: Readonly<Record<string, OptionSpec>>): string {
  const lines = Object.entries(options).map(([name, spec]) => ({ left: spelled(name, spec), right: spec.what }));
  const width = Math.max(...lines.map(({ left }) => left.length));
  return lines.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

const spelled = (name: string, { value }: OptionSpec): string => `--${name}${value === undefined ? '' : ` ${value}`}`;
