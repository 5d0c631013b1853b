// What the code that runs inside workflows is: our own modules that a bundle's entries reach, each with a hash of its
// tokens as JavaScript. Comments, types and layout are not code and change no hash. The SDK is not ours to fingerprint:
// that a new one still replays is what the recorded histories say.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { SCHEMA_VERSION } from '../../workflows/connection/messages.js';

export interface WorkflowCode {
  readonly schemaVersion: number;
  /** Path below the project → hash. */
  readonly modules: Readonly<Record<string, string>>;
}

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const ENTRIES = ['index', 'payload-converter', 'interceptors'].map((name) => join(PROJECT, `workflows/${name}.ts`));
/** What the histories were last replayed with. */
const ON_RECORD = fileURLToPath(new URL('./workflow-code.json', import.meta.url));

export function presentCode(): WorkflowCode {
  const modules: Record<string, string> = {};
  const waiting = [...ENTRIES];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const name = relative(PROJECT, path);
    if (modules[name] !== undefined) continue;
    const { hash, imports } = readModule(path, readFileSync(path, 'utf8'));
    modules[name] = hash;
    waiting.push(...imports);
  }
  return { schemaVersion: SCHEMA_VERSION, modules: sortedByName(modules) };
}

/** Null before the first time. */
export const codeOnRecord = async (): Promise<WorkflowCode | null> =>
  existsSync(ON_RECORD) ? (JSON.parse(await readFile(ON_RECORD, 'utf8')) as WorkflowCode) : null;

export const putOnRecord = (code: WorkflowCode): Promise<void> =>
  writeFile(ON_RECORD, `${JSON.stringify(code, null, 2)}\n`);

/** Modules that came, went or read differently. */
export function changedModules(before: WorkflowCode | null, after: WorkflowCode): string[] {
  const names = new Set([...Object.keys(before?.modules ?? {}), ...Object.keys(after.modules)]);
  return [...names].filter((name) => before?.modules[name] !== after.modules[name]).sort();
}

/** Exported for its test. Type-only imports are gone with the types. */
export function readModule(path: string, source: string): { hash: string; imports: string[] } {
  const { outputText } = ts.transpileModule(source, {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  });
  const code = ts.createSourceFile(`${path}.js`, outputText, ts.ScriptTarget.ES2024, true, ts.ScriptKind.JS);
  const imports = code.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const from = statement.moduleSpecifier;
    if (from === undefined || !ts.isStringLiteral(from) || !from.text.startsWith('.')) return [];
    return [join(dirname(path), from.text.replace(/\.js$/, '.ts'))];
  });
  return { hash: createHash('sha256').update(tokensOf(code).join('\n')).digest('hex'), imports };
}

/** Without the comma behind a list's last item, which is there or not by where lines break. */
function tokensOf(code: ts.SourceFile): string[] {
  const tokens: string[] = [];
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(code);
    for (const child of children) visit(child);
    if (children.length > 0 || node.getText(code) === '') return;
    const token = node.getText(code);
    if ([')', ']', '}'].includes(token) && tokens.at(-1) === ',') tokens.pop();
    tokens.push(token);
  };
  visit(code);
  return tokens;
}

const sortedByName = (modules: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(modules).sort(([a], [b]) => (a < b ? -1 : 1)));
