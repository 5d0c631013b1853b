// Every command as data: help, the reader of arguments and the test of docs/CLI.md go by this table; programs.ts says
// what each does. No command takes a secret as an argument, because arguments can be seen by everybody on the machine.
import { isMonth } from '../domain/billing/month.js';
import { isTimeZone } from '../domain/time-zone.js';

/** Beside PostgreSQL: `temporal` Temporal, `keys` the encryption keys, `token` both. */
export type Needs = 'database' | 'temporal' | 'keys' | 'token';

export interface OptionSpec {
  /** What its value is called; without one it is a flag. */
  readonly value?: string;
  readonly what: string;
  readonly required?: true;
  /** A flag that is given in place of the operands. */
  readonly insteadOfOperands?: true;
  /** What is wrong with the value; null when nothing is. */
  readonly check?: (value: string) => string | null;
}

export interface CommandSpec {
  readonly summary: string;
  /** More for the command's own help. */
  readonly about?: string;
  readonly operands: readonly string[];
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly needs: Needs;
}

const ID = ['ID'] as const;

const notEmpty = (value: string) => (value.trim() === '' ? 'must not be empty' : null);
const shortLine = (value: string) =>
  notEmpty(value) ??
  (value.length > 200 || /\p{Cc}/u.test(value) ? 'must be one line of 200 characters at most' : null);
const month = (value: string) => (isMonth(value) ? null : 'must be a month such as 2026-01');
const email = (value: string) => (/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? null : 'must be an e-mail address');
const timeZone = (value: string) => (isTimeZone(value) ? null : 'must be an IANA time zone such as Europe/Berlin');
const version = (value: string) => (/^\d{1,9}$/.test(value) ? null : 'must be a whole number');
const seconds = (value: string) => (/^[1-9]\d{0,5}$/.test(value) ? null : 'must be a whole number of seconds');

const ACCOUNT: OptionSpec = {
  value: 'ACCOUNT',
  what: 'its id, the beginning of it, or its exact name',
  check: notEmpty,
};
const MONTH: OptionSpec = { value: 'YYYY-MM', what: 'a month of the account’s calendar', required: true, check: month };

export const COMMANDS = {
  'account create': {
    summary: 'Make an account with its first API key, and its first admin if asked',
    about: 'The key’s secret and the admin’s password are shown once; nobody can look them up afterwards.',
    operands: [],
    options: {
      name: { value: 'NAME', what: 'of the account', required: true, check: shortLine },
      'admin-email': { value: 'EMAIL', what: 'make a first admin who signs in with it', check: email },
      'time-zone': { value: 'ZONE', what: 'whose midnight ends a billing day; UTC unless given', check: timeZone },
    },
    needs: 'database',
  },
  'account list': {
    summary: 'List the accounts',
    operands: [],
    options: {},
    needs: 'database',
  },
  'connection list': {
    summary: 'List connections: state, lag, token expiry, failure',
    operands: [],
    options: { account: ACCOUNT },
    needs: 'database',
  },
  'connection show': {
    summary: 'Show a connection: its state, what its workflow says, permissions, timeline',
    operands: ID,
    options: {},
    needs: 'temporal',
  },
  'connection sites': {
    summary: 'List its sites with license counts, mapping and discards',
    about: 'With --export as the CSV that `connection remap` reads: save it, change it, send it back.',
    operands: ID,
    options: { export: { what: 'print CSV instead of a table' } },
    needs: 'database',
  },
  'connection remap': {
    summary: 'Map sites to organizations as a CSV file says: all of it or nothing',
    about:
      'The header is siteId,organization; further columns are ignored. An organization is named by id, external key or\n' +
      'exact name; an empty one unmaps the site. Sites that the file does not name stay as they are.',
    operands: ID,
    options: {
      csv: { value: 'FILE', what: 'the file, or - for standard input', required: true, check: notEmpty },
      'dry-run': { what: 'show what would change, and change nothing' },
      'collect-discarded': { what: 'collect afterwards what was discarded of the sites mapped now' },
      'if-version': {
        value: 'N',
        what: 'refuse unless the mapping is at this version, as a dry run showed',
        check: version,
      },
    },
    needs: 'temporal',
  },
  'connection token': {
    summary: 'Replace the API token; the old one stays unless the new one is accepted',
    about:
      'The token is stored encrypted and the workflow is told by a signal, so this works while no worker is up: one that\n' +
      'comes back within the hour tries it. At a terminal the token is asked for when no file is named.',
    operands: ID,
    options: {
      'token-file': { value: 'FILE', what: 'the file that holds the token, or - for standard input', check: notEmpty },
      wait: { what: 'wait until it is accepted or refused' },
      timeout: { value: 'SECONDS', what: 'give up waiting after this time; 300 unless given', check: seconds },
    },
    needs: 'token',
  },
  'connection follow': {
    summary: 'Print its changes as they happen, until Ctrl-C',
    operands: ID,
    options: {},
    needs: 'database',
  },
  'connection pause': {
    summary: 'Stop collecting until it is resumed; nothing is lost',
    operands: ID,
    options: {},
    needs: 'temporal',
  },
  'connection resume': {
    summary: 'Go on collecting from where it stopped',
    operands: ID,
    options: {},
    needs: 'temporal',
  },
  'connection recheck': {
    summary: 'Check the token and its permissions now',
    operands: ID,
    options: {},
    needs: 'temporal',
  },
  'connection sync': {
    summary: 'Read the sites and license counts from SentinelOne now',
    operands: ID,
    options: {},
    needs: 'temporal',
  },
  'connection repair': {
    summary: 'Start it again if its workflow is gone',
    about:
      'Terminated, deleted, or lost with Temporal’s database: it goes on as PostgreSQL has it. A schedule does the same\n' +
      'every two minutes. Nothing is done unless Temporal says for certain that the workflow does not run.',
    operands: ID,
    options: { all: { what: 'every connection of every account', insteadOfOperands: true } },
    needs: 'temporal',
  },
  'key list': {
    summary: 'List the encryption keys with how many stored tokens need each',
    about:
      'A key may be taken out of ENCRYPTION_KEYS when no token needs it: maintenance encrypts tokens anew with the first\n' +
      'key every hour. Keep it as long as a backup of the database may be restored that is older.',
    operands: [],
    options: {},
    needs: 'keys',
  },
  'statement list': {
    summary: 'List every account with its billed sources for a month',
    operands: [],
    options: { month: MONTH },
    needs: 'database',
  },
  'statement freeze': {
    summary: 'Freeze a month that is over, at once instead of within the hour',
    operands: [],
    options: { account: { ...ACCOUNT, required: true }, month: MONTH },
    needs: 'database',
  },
  'statement revise': {
    summary: 'Compute a frozen month again and keep what differs as a new revision',
    about: 'The revision before stays as it is. The reason is shown on the statement and in the audit log.',
    operands: [],
    options: {
      account: { ...ACCOUNT, required: true },
      month: MONTH,
      reason: { value: 'TEXT', what: 'why, for whoever reads the statement', required: true, check: shortLine },
    },
    needs: 'database',
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof COMMANDS;
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[];
export const isCommand = (text: string): text is CommandName => Object.hasOwn(COMMANDS, text);
export const commandSpec = (name: CommandName): CommandSpec => COMMANDS[name];

/** Of every command. */
export const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  json: { what: 'print JSON on standard output and nothing else there; messages go to standard error' },
  as: { value: 'NAME', what: 'who you are, for the audit log; the user of the system unless given', check: shortLine },
  help: { what: 'show help' },
  version: { what: 'show the version' },
};

export const optionsOf = (name: CommandName): Readonly<Record<string, OptionSpec>> => ({
  ...COMMANDS[name].options,
  ...GLOBAL_OPTIONS,
});
