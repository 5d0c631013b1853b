import { z } from 'zod';
import { MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS } from '../../domain/secret.js';
import { organizationIds, role } from '../auth/reach.js';
import { listOf } from '../http/list.dto.js';
import { id, instantOut, line } from '../http/schemas.js';

export const invitationId = id.describe('Invitation id');
export const invitationToken = z.string().min(1).max(100).describe('From the link');

export const emailAddress = z.string().trim().toLowerCase().max(254).pipe(z.email());

export const createInvitation = z.strictObject({
  email: emailAddress,
  role,
  organizationIds: organizationIds.default([]),
});

export const acceptInvitation = z.strictObject({
  name: line(200),
  password: z.string().min(MIN_PASSWORD_CHARACTERS).max(MAX_PASSWORD_CHARACTERS),
});

export const invitation = z
  .object({
    id: invitationId,
    email: z.string(),
    role,
    organizationIds,
    createdAt: instantOut,
    createdBy: z.string(),
    expiresAt: instantOut,
  })
  .meta({ id: 'Invitation' });

export const createdInvitation = invitation
  .extend({ link: z.url().nullable().describe('Shown this once; null when the request is a repeated one') })
  .meta({ id: 'CreatedInvitation' });
export const invitationList = listOf(invitation).meta({ id: 'InvitationList' });
export const acceptedInvitation = z
  .object({ email: z.string().describe('To sign in with') })
  .meta({ id: 'AcceptedInvitation' });

export type CreateInvitation = z.output<typeof createInvitation>;
export type AcceptInvitation = z.output<typeof acceptInvitation>;
