// The parts of SentinelOne's replies that this product reads, as zod shapes. Unknown fields are allowed and dropped,
// so nothing that is not named here (above all a site's `registrationToken`) goes any further. Everything but ids may
// be missing or null, as the newer specifications say; ids are strings, also when a console sends a short number.
import { z } from 'zod';
import { cleanText } from '../../domain/ecs/sanitize.js';
import { parseConsoleInstant, toInstant } from '../../domain/instant.js';

const LONGEST_ID = 100;
/** What PostgreSQL cannot hold as it is, is no id. */
const id = z.union([
  z
    .string()
    .min(1)
    .max(LONGEST_ID)
    .refine((value) => cleanText(value) === value),
  z.number().int().nonnegative().transform(String),
]);
/** What PostgreSQL cannot hold is replaced here: one odd name must not keep a whole list from being stored. */
const text = z
  .string()
  .nullish()
  .transform((value) => (value == null ? null : cleanText(value)));
const optionalId = id.nullish().transform((value) => value ?? null);
/** A PostgreSQL integer. */
const LARGEST_COUNT = 2 ** 31 - 1;
const count = z
  .number()
  .int()
  .nonnegative()
  .max(LARGEST_COUNT)
  .nullish()
  .transform((value) => value ?? null);

/** SentinelOne writes instants with six fraction digits or none. */
const instant = z.string().transform((value, context) => {
  const micros = parseConsoleInstant(value);
  if (micros !== null) return toInstant(micros);
  context.addIssue({ code: 'custom', message: 'not an instant' });
  return z.NEVER;
});
const optionalInstant = z
  .preprocess((value) => (value === '' ? null : value), instant.nullish())
  .transform((value) => value ?? null);

const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

export const systemInfo = z.object({ build: text, version: text, release: text });

export const tokenDetails = z.object({ createdAt: optionalInstant, expiresAt: optionalInstant });

/**
 * `scopeRoles[].id` is the scope's id: the account's when `scope` is `account`. No name or address of the person is
 * read.
 */
export const user = z.object({
  id,
  scope: z.string(),
  scopeRoles: listOf(z.object({ id: optionalId, name: text, roleId: optionalId, roleName: text })),
  apiToken: tokenDetails.nullish().transform((value) => value ?? null),
});

export const account = z.object({ id, name: text, state: text });

export const role = z.object({
  name: text,
  pages: listOf(
    z.object({
      name: text.transform((name) => name ?? ''),
      permissions: listOf(
        z
          .object({ title: text.transform((title) => title ?? ''), value: z.boolean().nullish() })
          .transform(({ title, value }) => ({ title, granted: value ?? null })),
      ),
    }),
  ),
});

/** Certificates, keys and the syslog server's token are not read. */
export const syslogSettings = z
  .object({ enabled: z.boolean().nullish(), host: text, format: text })
  .nullable()
  .transform((value) => ({
    enabled: value?.enabled ?? false,
    host: value?.host ?? null,
    format: value?.format ?? null,
  }));

export const notificationSettings = z
  .object({ lastModified: z.object({ updatedAt: text }).nullish() })
  .nullable()
  .transform((value) => ({ updatedAt: value?.lastModified?.updatedAt ?? null }));

export const site = z.object({
  id,
  name: text.transform((name) => name ?? ''),
  accountId: optionalId,
  accountName: text,
  state: text,
  activeLicenses: count,
});

/** `/sites` wraps its list in an object, unlike every other list. */
export const sitesOf = z.object({ sites: z.array(z.unknown()) }).transform(({ sites }) => sites);

export const agent = z.object({ id, siteId: optionalId, siteName: text, computerName: text, accountId: optionalId });

export const agentCount = z.object({ total: z.number().int().nonnegative().max(LARGEST_COUNT) });

export const activityType = z.object({ id: z.number().int(), action: text, descriptionTemplate: text });

export type SystemInfo = z.output<typeof systemInfo>;
export type TokenDetails = z.output<typeof tokenDetails>;
export type SentinelOneUser = z.output<typeof user>;
export type SentinelOneAccount = z.output<typeof account>;
export type SentinelOneRole = z.output<typeof role>;
export type SyslogSettings = z.output<typeof syslogSettings>;
export type NotificationSettings = z.output<typeof notificationSettings>;
export type SentinelOneSite = z.output<typeof site>;
export type SentinelOneAgent = z.output<typeof agent>;
export type ActivityType = z.output<typeof activityType>;
