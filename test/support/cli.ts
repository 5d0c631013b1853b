// The command line as its own process, as an operator runs it. Everything that it ever said is kept, so that a test
// can look for what it must not say.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { waitUntil } from '../e2e/support/e2e-stack.js';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
  /** Standard output as JSON, which fails when it is none. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the assertion itself checks the shape
  json(): any;
}

export interface Following {
  lines(): readonly string[];
  /** Waits for a line that holds this. */
  line(part: string): Promise<void>;
  /** Ctrl-C. Gives the exit code. */
  interrupt(): Promise<number | null>;
}

export interface Cli {
  run(line: readonly string[], options?: { readonly input?: string; readonly environment?: object }): Promise<Ended>;
  follow(line: readonly string[]): Following;
  said(): string;
}

export function createCli(environment: () => NodeJS.ProcessEnv): Cli {
  const heard: string[] = [];
  const start = (line: readonly string[], more: object = {}) => {
    const env = { ...environment(), ...more };
    const args = ['--import', 'tsx', 'src/main.cli.ts', ...line];
    const child = spawn(process.execPath, args, { cwd: PROJECT, env, stdio: ['pipe', 'pipe', 'pipe'] });
    return { child, said: listenTo(child, heard) };
  };
  return {
    async run(line, { input = '', environment: more } = {}) {
      const { child, said } = start(line, more);
      child.stdin.on('error', () => undefined); // it may end without reading
      child.stdin.end(input);
      const [code] = (await once(child, 'close')) as [number | null];
      return { code, ...said, json: () => JSON.parse(said.out) as unknown };
    },
    follow(line) {
      const { child, said } = start(line);
      const closed = once(child, 'close');
      const lines = () => said.out.split('\n').filter((each) => each !== '');
      return {
        lines,
        line: (part) => waitUntil(`a line with ${part}`, () => lines().some((each) => each.includes(part))),
        async interrupt() {
          child.kill('SIGINT');
          const [code] = (await closed) as [number | null];
          return code;
        },
      };
    },
    said: () => heard.join(''),
  };
}

function listenTo(child: ChildProcessByStdio<Writable, Readable, Readable>, heard: string[]) {
  const said = { out: '', error: '' };
  const hear = (name: keyof typeof said, text: string) => {
    said[name] += text;
    heard.push(text);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => hear('out', text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => hear('error', text));
  return said;
}
