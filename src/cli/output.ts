// Where a command's words go: results to standard output, as text or as JSON and then nothing else there; everything
// said by the way to standard error.
import type { Fault } from './exit-code.js';
import { printable } from './text/words.js';

export interface Output {
  readonly isJson: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** What the command is for: once, at its end. */
  result(value: unknown, text: () => string): void;
  /** One of many that come over time: a line of text, or one JSON object a line. */
  entry(value: unknown, text: () => string): void;
  note(text: string): void;
  fault(fault: Fault): void;
}

export interface Streams {
  out(text: string): void;
  error(text: string): void;
}

/** Where nobody looks, so that what is piped away is not cut. */
const WIDTH_WITHOUT_TERMINAL = 200;

export function createOutput(streams: Streams, options: { readonly isJson: boolean; readonly width?: number }): Output {
  const { isJson, width = WIDTH_WITHOUT_TERMINAL } = options;
  return {
    isJson,
    width,
    result: (value, text) => streams.out(`${isJson ? JSON.stringify(value, null, 2) : text()}\n`),
    entry: (value, text) => streams.out(`${isJson ? JSON.stringify(value) : text()}\n`),
    note: (text) => streams.error(`${text}\n`),
    fault: (fault) => streams.error(`${isJson ? faultJson(fault) : faultText(fault)}\n`),
  };
}

/** One line, however many notes stand before it. */
const faultJson = ({ exit, code, message, extra }: Fault): string =>
  JSON.stringify({ code, detail: message, exitCode: exit, ...extra });

function faultText({ message, extra }: Fault): string {
  const { whatToDo, permissions, errors, version } = extra;
  return [
    `error: ${message.split('\n').map(printable).join('\n')}`,
    ...(typeof whatToDo === 'string' ? [whatToDo] : []),
    ...(typeof version === 'number' ? [`It is at version ${version} now.`] : []),
    ...list(permissions)
      .filter(({ status }) => status === 'missing')
      .map(({ name, why }) => `  missing  ${name}  ${why}`),
    ...list(errors).map(
      ({ line, path, message }) => `  ${line === undefined ? path : `line ${line}`}: ${printable(`${message}`)}`,
    ),
  ].join('\n');
}

const list = (value: unknown): readonly Readonly<Record<string, string | number | undefined>>[] =>
  Array.isArray(value) ? (value as readonly Readonly<Record<string, string | number | undefined>>[]) : [];
