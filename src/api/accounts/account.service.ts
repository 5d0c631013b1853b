// Accounts are made by whoever operates the product, never by their own people: this service takes the owner's
// database.
import { randomUUID } from 'node:crypto';
import { Problem } from '../../domain/failures/problem.js';
import { isTimeZone } from '../../domain/time-zone.js';
import type { Database } from '../../store/database.js';

export interface AccountService {
  create(account: { readonly name: string; readonly timeZone?: string }): Promise<{ readonly id: string }>;
  findByName(name: string): Promise<{ readonly id: string } | undefined>;
}

export function createAccountService({ database }: { readonly database: Database }): AccountService {
  return {
    async create({ name, timeZone = 'UTC' }) {
      if (!isTimeZone(timeZone)) {
        throw new Problem('invalid_input', `timeZone: ${timeZone} is no IANA time zone such as Europe/Berlin`);
      }
      const id = randomUUID();
      await database.kysely.insertInto('accounts').values({ id, name, timeZone }).execute();
      return { id };
    },
    findByName: (name) =>
      database.kysely
        .selectFrom('accounts')
        .select('id')
        .where('name', '=', name)
        .orderBy('createdAt')
        .executeTakeFirst(),
  };
}
