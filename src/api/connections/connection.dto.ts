import { z } from 'zod';
import { CONNECTION_STATES } from '../../domain/connection/connection-state.js';
import { POLL_INTERVAL_SECONDS } from '../../domain/connection/poll-interval.js';
import { listOf } from '../http/list.dto.js';
import { id, instantIn, instantOut, line } from '../http/schemas.js';

export const connectionId = id.describe('Connection id');
const organizationId = id.describe('Organization id');
/** Anything longer is no token; SentinelOne's are about 1 KB. */
const apiToken = z.string().max(10_000).describe('As SentinelOne shows it; never returned');

export const createConnection = z
  .strictObject({
    name: line(200),
    consoleUrl: z.string().max(4_096).describe('Whatever the browser shows; it is cut to its origin'),
    apiToken,
    defaultOrganizationId: organizationId.describe('Takes what belongs to no site and no endpoint'),
    collectFrom: instantIn.optional().describe('By default the console’s time at creation'),
  })
  .meta({ id: 'CreateConnection' });

export const changeConnection = z
  .strictObject({
    name: line(200).optional(),
    pollIntervalSeconds: z.int().min(POLL_INTERVAL_SECONDS.min).max(POLL_INTERVAL_SECONDS.max).optional(),
    defaultOrganizationId: organizationId.optional(),
  })
  .meta({ id: 'ChangeConnection' });

export const replaceToken = z.strictObject({ apiToken }).meta({ id: 'ReplaceToken' });

export type CreateConnectionBody = z.output<typeof createConnection>;
export type ChangeConnectionBody = z.output<typeof changeConnection>;
export type ReplaceTokenBody = z.output<typeof replaceToken>;

const count = z.int().min(0);
const instant = instantOut.nullable();

export const permissionCheck = z
  .object({
    name: z.string(),
    why: z.string(),
    required: z.boolean(),
    status: z.enum(['granted', 'missing', 'unknown']),
    how: z.string(),
  })
  .meta({ id: 'PermissionCheck' });
export const permissionChecklist = listOf(permissionCheck).meta({ id: 'PermissionChecklist' });

const refusal = z.object({
  code: z.string(),
  message: z.string(),
  whatToDo: z.string().nullable(),
  helpUrl: z.string().nullable(),
});

export const connection = z
  .object({
    id: connectionId,
    name: z.string(),
    consoleUrl: z.string(),
    sentinelOneAccount: z
      .object({ id: z.string(), name: z.string().nullable() })
      .nullable()
      .describe('null until the connection was accepted'),
    state: z.enum(CONNECTION_STATES),
    pauseReasons: z.array(z.enum(['token', 'permission', 'scope', 'person'])),
    reason: z.string().nullable().describe('Why the latest change of state happened: a command’s name or a code'),
    refusal: refusal.nullable().describe('Why it could not be created; only in the state refused'),
    defaultOrganizationId: organizationId,
    pollIntervalSeconds: z.int().min(1),
    mappingVersion: count,
    collectFrom: instant,
    watermark: instant.describe('The newest activity collected'),
    collectedThrough: instant.describe('The console’s time up to which everything was collected'),
    lagSeconds: count.nullable().describe('The console’s time less collectedThrough'),
    lastPollAt: instant,
    nextTryAt: instant.describe('Only while polls fail'),
    degradedSince: instant.describe('Since when SentinelOne has not been answering as it should'),
    failureCode: z.string().nullable(),
    token: z.object({ expiresAt: instant.describe('null: SentinelOne did not say'), lastFour: z.string() }).nullable(),
    counts: z.object({ stored: count, discarded: count, rejected: count, sites: count, mappedSites: count }),
    createdAt: instantOut,
  })
  .meta({ id: 'Connection' });
export const connectionList = listOf(connection).meta({ id: 'ConnectionList' });
export type ConnectionView = z.output<typeof connection>;

export const timelineEntry = z
  .object({
    id: z.string(),
    at: instantOut,
    kind: z.string().describe('`state`, or a command’s name'),
    outcome: z.string(),
    code: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'TimelineEntry' });
export const timeline = listOf(timelineEntry).meta({ id: 'Timeline' });

export const completenessCheck = z
  .object({
    from: instantOut,
    to: instantOut,
    theirs: count.nullable().describe('SentinelOne’s own count'),
    ours: count.nullable(),
    repaired: count.describe('How many were missing here and were collected by the check'),
    state: z.enum(['waiting', 'equal', 'repaired', 'short', 'surplus']),
    cause: z
      .enum(['late_rows', 'not_listed', 'not_countable', 'count_capped'])
      .nullable()
      .describe('Why the numbers differ or differed, where it is known'),
    checkedAt: instant,
  })
  .meta({ id: 'CompletenessCheck' });
export const completeness = listOf(completenessCheck).meta({ id: 'Completeness' });
