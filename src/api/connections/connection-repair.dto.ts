import { z } from 'zod';
import { CONNECTION_STATES } from '../../domain/connection/connection-state.js';
import { REPAIR_OUTCOMES, WORKFLOW_CONDITIONS } from '../../domain/connection/repair.js';
import { id } from '../http/schemas.js';

const count = z.int().min(0);

export const repairedConnection = z
  .object({
    accountId: id,
    connectionId: id,
    state: z.enum(CONNECTION_STATES).describe('Before anything was done'),
    workflow: z.enum(WORKFLOW_CONDITIONS).nullable().describe('How it was found; null when Temporal could not say'),
    outcome: z
      .enum(REPAIR_OUTCOMES)
      .describe('restarted: as it was; ended: to be torn down; refused: a creation that nobody waits for any more'),
    code: z.string().nullable().describe('Why it failed'),
  })
  .meta({ id: 'RepairedConnection' });

export const repairReport = z
  .object({
    checked: count.describe('Connections that should have a workflow'),
    restarted: count,
    ended: count,
    refused: count,
    failed: count,
    items: z.array(repairedConnection).describe('Connections whose workflow was not running'),
  })
  .meta({ id: 'RepairReport' });
