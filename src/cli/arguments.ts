// Reads what was typed. Pure. What is wrong is told with what was probably meant, and an argument's value is never
// repeated: somebody may have put a token there.
import { parseArgs } from 'node:util';
import { COMMAND_NAMES, type CommandName, commandSpec, isCommand, optionsOf, type OptionSpec } from './catalog.js';
import { nearest } from './text/suggest.js';

export interface Given {
  readonly operands: readonly string[];
  /** By name; a flag that was given is `true`. */
  readonly options: Readonly<Record<string, string | true>>;
}

export type Parsed =
  | { readonly kind: 'run'; readonly name: CommandName; readonly given: Given }
  /** Of this noun or command; empty: of everything. */
  | { readonly kind: 'help'; readonly topic: string }
  | { readonly kind: 'version' }
  | { readonly kind: 'usage'; readonly message: string; readonly topic: string };

/** Also known without their verb, because that is what most people type first. */
const SHORT_FOR = 'connection';
const DEFAULT_VERB = 'list';

export const NOUNS: readonly string[] = [...new Set(COMMAND_NAMES.map((name) => name.split(' ')[0] ?? ''))];

export function parse(argv: readonly string[]): Parsed {
  const typed = readTokens(argv);
  const [first, ...rest] = typed.words;
  const asksForHelp = first === 'help' || typed.options.some(({ name }) => name === 'help');
  if (asksForHelp) return { kind: 'help', topic: topicOf(first === 'help' ? rest : typed.words) };
  if (typed.options.some(({ name }) => name === 'version')) return { kind: 'version' };
  if (first === undefined) return { kind: 'usage', message: 'say what to do', topic: '' };
  const resolved = resolve(typed.words);
  if ('message' in resolved) return { kind: 'usage', ...resolved };
  const { name, operands } = resolved;
  const message = problemOf(name, operands, typed.options);
  if (message !== null) return { kind: 'usage', message, topic: name };
  const options = Object.fromEntries(typed.options.map((option) => [option.name, option.value ?? (true as const)]));
  return { kind: 'run', name, given: { operands, options } };
}

interface TypedOption {
  readonly name: string;
  readonly value: string | undefined;
}

interface Typed {
  readonly words: readonly string[];
  readonly options: readonly TypedOption[];
}

/** Has to be known before the command is; an option is called the same in all commands that have it. */
const TAKES_VALUE = new Set(
  COMMAND_NAMES.flatMap((name) => Object.entries(optionsOf(name)))
    .filter(([, { value }]) => value !== undefined)
    .map(([name]) => name),
);

function readTokens(argv: readonly string[]): Typed {
  const { tokens } = parseArgs({
    args: [...argv],
    options: {
      ...Object.fromEntries([...TAKES_VALUE].map((name) => [name, { type: 'string' as const }])),
      help: { type: 'boolean', short: 'h' },
    },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return {
    words: tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : [])),
    options: tokens.flatMap((token) =>
      token.kind === 'option' ? [{ name: token.name, value: valueOf(token.value, token.inlineValue) }] : [],
    ),
  };
}

/** `--month --json`: the value was forgotten. `--reason=--json` means what it says, and `-` is a file. */
const valueOf = (value: string | undefined, isInline: boolean | undefined): string | undefined =>
  value !== undefined && isInline !== true && /^-./.test(value) ? undefined : value;

type Resolved =
  | { readonly name: CommandName; readonly operands: readonly string[] }
  | { readonly message: string; readonly topic: string };

function resolve(words: readonly string[]): Resolved {
  const [first = '', second, ...rest] = words;
  const noun = nounOf(first);
  if (noun !== undefined) {
    if (second === undefined) return { name: `${noun} ${DEFAULT_VERB}` as CommandName, operands: [] };
    const name = commandOf(`${noun} ${second}`);
    return name === undefined ? unknownVerb(noun, second) : { name, operands: rest };
  }
  const short = commandOf(`${SHORT_FOR} ${first}`);
  if (short !== undefined) return { name: short, operands: words.slice(1) };
  const verbs = verbsOf(SHORT_FOR);
  return { message: `${shown(first)} is no command${didYouMean(nearest(first, [...NOUNS, ...verbs]))}`, topic: '' };
}

function unknownVerb(noun: string, verb: string): Resolved {
  const verbs = verbsOf(noun);
  const meant = nearest(verb, verbs);
  const message = `${noun} has no ${shown(verb)}${meant === null ? `; it has ${verbs.join(', ')}` : didYouMean(meant)}`;
  return { message, topic: noun };
}

function problemOf(name: CommandName, operands: readonly string[], typed: readonly TypedOption[]): string | null {
  const known = optionsOf(name);
  for (const { name: option, value } of typed) {
    const message = optionProblem({ command: name, option, value, spec: known[option] });
    if (message !== null) return message;
  }
  const missing = Object.entries(known).find(
    ([option, { required }]) => required === true && !typed.some((each) => each.name === option),
  );
  if (missing !== undefined) return `${name} needs --${missing[0]} ${missing[1].value}: ${missing[1].what}`;
  const instead = Object.keys(known).filter((option) => known[option]?.insteadOfOperands === true);
  const isReplaced = typed.some((each) => instead.includes(each.name));
  const wanted = isReplaced ? [] : commandSpec(name).operands;
  if (operands.length < wanted.length) {
    return `${name} needs ${[wanted.join(' '), ...instead.map((option) => `--${option}`)].join(' or ')}`;
  }
  // Not repeated: it may be a token, which then others on this machine have seen.
  if (operands.length > wanted.length) {
    const many = wanted.length === 0 ? 'no arguments' : `${wanted.join(' ')} and nothing more`;
    const tokens = known['token-file'] === undefined ? '' : '; a token is read from --token-file, never from here';
    return `${name} takes ${many}${tokens}`;
  }
  return null;
}

function optionProblem(of: {
  readonly command: CommandName;
  readonly option: string;
  readonly value: string | undefined;
  readonly spec: OptionSpec | undefined;
}): string | null {
  const { command, option, value, spec } = of;
  const shownOption = `--${shown(option)}`;
  if (spec === undefined) {
    const meant = nearest(option, Object.keys(optionsOf(command)));
    return `${command} has no option ${shownOption}${didYouMean(meant === null ? null : `--${meant}`)}`;
  }
  if (spec.value === undefined) return value === undefined ? null : `${shownOption} takes no value`;
  if (value === undefined) return `${shownOption} needs ${spec.value}: ${spec.what}`;
  const problem = spec.check?.(value) ?? null;
  return problem === null ? null : `${shownOption} ${problem}`;
}

function topicOf(words: readonly string[]): string {
  const [first = '', second] = words;
  const noun = nounOf(first);
  if (noun === undefined) return commandOf(`${SHORT_FOR} ${first}`) ?? '';
  return (second === undefined ? undefined : commandOf(`${noun} ${second}`)) ?? noun;
}

const nounOf = (word: string): string | undefined => NOUNS.find((noun) => word === noun || word === `${noun}s`);

const commandOf = (name: string): CommandName | undefined => (isCommand(name) ? name : undefined);

const verbsOf = (noun: string): string[] =>
  COMMAND_NAMES.filter((name) => name.startsWith(`${noun} `)).map((name) => name.slice(noun.length + 1));

const didYouMean = (meant: string | null): string => (meant === null ? '' : `; did you mean ${meant}?`);

/** A word that is longer than any command may be anything. */
const MAX_SHOWN_CHARACTERS = 24;
const shown = (word: string): string => (/^[\w-]+$/.test(word) && word.length <= MAX_SHOWN_CHARACTERS ? word : 'that');
