// What ids, instants and typed text are on the wire. What is accepted here PostgreSQL can hold and read.
import { z } from 'zod';
import { parseInstant, toInstant } from '../../domain/instant.js';

/** Upper case is read as the same id: services compare ids as text, and PostgreSQL writes them in lower case. */
export const id = z.uuid().toLowerCase();

/** As the product writes them: ISO 8601 in UTC with six fraction digits. */
export const instantOut = z.string().meta({ format: 'date-time', example: '2026-01-15T09:00:00.000000Z' });

/** As callers write them, ISO 8601 with a zone; read into the product's own form. */
export const instantIn = z
  .string()
  .max(40)
  .refine((text) => parseInstant(text) !== null, 'must be an instant such as 2026-01-15T09:00:00Z')
  .transform((text) => toInstant(parseInstant(text) ?? 0))
  .meta({ format: 'date-time' });

// PostgreSQL holds neither U+0000 nor lone surrogates. Control characters confuse whoever reads a list or a log, and
// characters that are not seen let two names look the same, or one read backwards.
/**
 * Cc control; Cf format, such as zero-width and bidirectional marks; Zl and Zp break lines; U+FFFD is what could not be
 * read.
 */
const UNFIT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u;
/**
 * Not white space, nor a mark on nothing, nor a filler that shows nothing (U+2800 is the braille cell without dots).
 */
const VISIBLE = /[^\p{White_Space}\p{M}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** One line of 1 to `maxCharacters` that people type, without white space around it, of which something is seen. */
export const line = (maxCharacters: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxCharacters)
    .refine((text) => text.isWellFormed() && !UNFIT.test(text), {
      message: 'must not hold control or invisible characters',
      abort: true,
    })
    .refine((text) => text.trim() === '' || VISIBLE.test(text), 'must hold something that is seen');
