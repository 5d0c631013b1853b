// What a command gets, and how it ends. Errors are thrown: run.ts turns them into words and an exit code.
import { type Doer, operator } from '../../api/http/request-facts.js';
import type { Given } from '../arguments.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import type { Output } from '../output.js';
import type { Tools } from '../tools.js';

export interface Context {
  readonly given: Given;
  readonly output: Output;
  readonly tools: Tools;
  /** Who is at work, for the audit log. */
  readonly author: string;
  /** For a command that may take long: until somebody interrupts it. The others end at once when that happens. */
  interrupted(): AbortSignal;
  readonly input: Input;
}

export interface Input {
  /** All of standard input. Throws a UsageError when it ends without a word. */
  readAll(): Promise<string>;
  /** Asks at the terminal without showing what is typed; undefined where there is none. */
  askHidden(question: string): Promise<string> | undefined;
}

/** No code: done. */
export type Program = (context: Context) => Promise<ExitCode | void>;

export const text = ({ options }: Given, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};

/** Of an option that the catalog requires. */
export const required = (given: Given, name: string): string => text(given, name) ?? '';

export const flag = ({ options }: Given, name: string): boolean => options[name] === true;

export const doer = ({ author }: Context, accountId: string): Doer => operator(accountId, author);

export { EXIT };
