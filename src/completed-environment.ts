// The environment with what it only points at: secrets in files, as Docker and Kubernetes hand them over, and a
// database's password apart from its address, so that it may hold any character.
import { readFileSync } from 'node:fs';

export interface Completed {
  /** Without empty variables: that is how Compose and shells pass what nobody set. */
  readonly environment: Readonly<Record<string, string>>;
  /** By variable. */
  readonly problems: readonly { readonly name: string; readonly message: string }[];
}

const PASSWORDS: Readonly<Record<string, readonly string[]>> = {
  DATABASE_PASSWORD: ['DATABASE_URL'],
  API_DATABASE_PASSWORD: ['API_DATABASE_URL', 'API_LISTEN_DATABASE_URL'],
};

/**
 * For each of the names that is unset, what the file named by `<name>_FILE` holds, without the line break at its end.
 * Both set is a problem, and so is a file that cannot be read.
 */
export function completed(environment: NodeJS.ProcessEnv, names: readonly string[]): Completed {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined && value !== '') set[name] = value;
  const problems: { name: string; message: string }[] = [];
  const passwords = Object.entries(PASSWORDS).filter(([, urls]) => urls.some((url) => names.includes(url)));
  for (const name of names) {
    const path = set[`${name}_FILE`];
    if (path === undefined) continue;
    const message = set[name] === undefined ? fromFile(set, name, path) : `set it or ${name}_FILE, not both`;
    if (message !== null) problems.push({ name, message });
  }
  for (const [password, urls] of passwords) {
    for (const url of urls) {
      const [given, address] = [set[password], set[url]];
      if (given !== undefined && address !== undefined) set[url] = withPassword(address, given);
    }
  }
  return { environment: set, problems };
}

function fromFile(set: Record<string, string>, name: string, path: string): string | null {
  try {
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (text !== '') set[name] = text;
    return null;
  } catch (error) {
    return `${name}_FILE cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`;
  }
}

/** A password in the address itself stays; what is no address is left for whoever checks it. */
function withPassword(address: string, password: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  if (url.password !== '') return address;
  url.password = encodeURIComponent(password);
  return url.href;
}
