// The OS user that PostgreSQL runs as, and what that user can reach. PostgreSQL refuses to run as root; an ordinary
// user runs it as themselves.
import { execFile, spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The name that Debian's own package uses: an existing user is used as it is. */
const USER_NAME = 'postgres';

export interface OsUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user to run PostgreSQL as; undefined when it can be the current one. As root the user is created when missing.
 */
export async function postgresOsUser(): Promise<OsUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await findOsUser(USER_NAME);
  if (existing !== undefined) return existing;
  await createOsUser();
  const created = await findOsUser(USER_NAME);
  if (created === undefined)
    throw new Error(`PostgreSQL cannot run as root, and no OS user "${USER_NAME}" could be made`);
  return created;
}

async function findOsUser(name: string): Promise<OsUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** shadow's tools where they exist, else busybox's; whether it worked is looked up afterwards. */
async function createOsUser(): Promise<void> {
  const shadow = [
    ['groupadd', '--system', USER_NAME],
    ['useradd', '--system', '--gid', USER_NAME, '--no-create-home', USER_NAME],
  ];
  const busybox = [
    ['addgroup', '-S', USER_NAME],
    ['adduser', '-S', '-D', '-H', '-G', USER_NAME, USER_NAME],
  ];
  for (const commands of [shadow, busybox]) {
    for (const [command = '', ...args] of commands) await run(command, args).catch(() => undefined);
    if (await findOsUser(USER_NAME)) return;
  }
}

/** Whether the user can enter the folder. Undefined stands for the current user. */
export const canEnter = (user: OsUser | undefined, folder: string): boolean =>
  user === undefined ||
  spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...user, cwd: '/', env: {} }).status === 0;

/** The outermost folder on the way to this one that the user cannot enter; undefined when there is none. */
export function closedFolder(user: OsUser | undefined, folder: string): string | undefined {
  if (canEnter(user, folder)) return undefined;
  const parent = dirname(folder);
  return (parent === folder ? undefined : closedFolder(user, parent)) ?? folder;
}

/** Runs a program as the user and says whether it succeeded. */
export const canRun = (user: OsUser | undefined, program: string, args: readonly string[]): boolean =>
  spawnSync(program, [...args], { ...user, cwd: '/', env: {} }).status === 0;
