// The role that the api signs in to PostgreSQL as. It belongs to `sentinelone_api`, which has the grants and which
// row-level security names, and never to the owner of the tables: there is nothing that it could step up to, whatever a
// pooler in between does. Roles belong to the whole cluster, so other databases may be migrated at the same moment;
// each should name a role of its own.
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { ABANDONED_SESSIONS_END, API_ROLE } from '../database.js';
import { isSameMoment, sqlState } from '../pg-errors.js';
import { API_SESSION } from './api-session.js';
import { scramVerifier } from './scram-verifier.js';

/** The role of API_DATABASE_URL cannot be the api's; the message says why and what to do. */
export class ApiLoginRefused extends Error {
  override readonly name = 'ApiLoginRefused';
}

interface Login {
  readonly role: string;
  readonly password: string | undefined;
}

const INSUFFICIENT_PRIVILEGE = '42501';
const ATTEMPTS = 20;
const AGAIN_MS = 100;

/**
 * Makes the role that `apiUrl` names in the database of `ownerUrl`, or brings it to what it must be: its password, its
 * membership, what holds in its sessions. Only role and password of `apiUrl` are read; it may lead through a pooler.
 * Run it after the migrations, again as often as wanted. Throws `ApiLoginRefused`.
 */
export async function makeApiLogin(ownerUrl: string, apiUrl: string): Promise<void> {
  const login = loginOf(apiUrl);
  const client = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'sentinelone-migrate',
    options: ABANDONED_SESSIONS_END.join(' '),
  });
  client.on('error', () => undefined); // the next query says so as well
  await client.connect();
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        await client.query('begin');
        await bringAbout(client, login);
        await client.query('commit');
        return;
      } catch (error) {
        await client.query('rollback');
        if (!isSameMoment(error) || attempt === ATTEMPTS) throw explained(error, login);
        await delay(AGAIN_MS);
      }
    }
  } finally {
    await client.end();
  }
}

function loginOf(apiUrl: string): Login {
  const { user, password } = new pg.Client({ connectionString: apiUrl });
  if (new URL(apiUrl).username === '' || user === undefined) {
    throw new ApiLoginRefused('API_DATABASE_URL names no role: postgres://role:password@host:5432/database');
  }
  return { role: user, password: typeof password === 'string' ? password : undefined };
}

async function bringAbout(client: pg.Client, { role, password }: Login): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [role]);
  if (rowCount === 0) await client.query(`create role ${name} login`);
  await refuseUnbound(client, role);
  const { rows } = await client.query<{ login: boolean; belongs: boolean; database: string }>(
    `select rolcanlogin as login, pg_has_role(oid, '${API_ROLE}', 'USAGE') as belongs, current_database() as database
       from pg_roles where rolname = $1`,
    [role],
  );
  const [found] = rows;
  if (found === undefined) throw new Error(`role ${role} is gone again`);
  if (!found.login) await client.query(`alter role ${name} login`);
  if (!found.belongs) await client.query(`grant ${API_ROLE} to ${name} with inherit true, set false`);
  if (password !== undefined) {
    await client.query(`alter role ${name} password ${pg.escapeLiteral(scramVerifier(password))}`);
  }
  const inDatabase = `alter role ${name} in database ${pg.escapeIdentifier(found.database)}`;
  for (const [setting, value] of Object.entries(API_SESSION)) {
    await client.query(`${inDatabase} set ${setting} to ${value.split(', ').map(pg.escapeLiteral).join(', ')}`);
  }
}

/** Nothing is granted to, or changed of, a role that is more than the api may be. */
async function refuseUnbound(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ unbound: boolean; owner: boolean }>(
    `select rolsuper or rolbypassrls or rolcreaterole as unbound,
            exists (select from pg_class where relnamespace = 'public'::regnamespace
                       and relkind in ('r', 'p') and pg_has_role(pg_roles.oid, relowner, 'MEMBER')) as owner
       from pg_roles where rolname = $1`,
    [role],
  );
  if (rows[0]?.unbound === true) {
    throw new ApiLoginRefused(
      `role ${role} of API_DATABASE_URL is a superuser, passes row-level security, or may make roles: name another`,
    );
  }
  if (rows[0]?.owner === true) {
    throw new ApiLoginRefused(
      `role ${role} of API_DATABASE_URL owns tables of the product or belongs to their owner, so row-level security would not bind it: name another`,
    );
  }
}

/** An owner who may not make roles: somebody who may has to do it once. */
function explained(error: unknown, { role }: Login): unknown {
  if (sqlState(error) !== INSUFFICIENT_PRIVILEGE) return error;
  return new ApiLoginRefused(
    `DATABASE_URL's role may not make or alter role ${role} of API_DATABASE_URL: ` +
      `as a superuser, grant it CREATEROLE and \`grant ${API_ROLE} to <owner> with admin true\`, ` +
      `and where the role is there already \`grant ${role} to <owner> with admin true, inherit false, set false\``,
    { cause: error },
  );
}
