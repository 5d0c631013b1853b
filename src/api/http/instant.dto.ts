// Instants on the wire: ISO 8601 with a zone. What is accepted here PostgreSQL can read.
import { z } from 'zod';
import { parseInstant, toInstant } from '../../domain/instant.js';

/** As the product writes them: UTC with six fraction digits. */
export const instantOut = z.string().meta({ format: 'date-time', example: '2026-01-15T09:00:00.000000Z' });

/** As callers write them; read into the product's own form. */
export const instantIn = z
  .string()
  .max(40)
  .refine((text) => parseInstant(text) !== null, 'must be an instant such as 2026-01-15T09:00:00Z')
  .transform((text) => toInstant(parseInstant(text) ?? 0))
  .meta({ format: 'date-time' });
