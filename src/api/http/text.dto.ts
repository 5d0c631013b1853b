// Text that people type. PostgreSQL holds neither U+0000 nor lone surrogates. Control characters confuse whoever reads a list
// or a log, and characters that are not seen let two names look the same, or one read backwards.
import { z } from 'zod';

/** Cc control; Cf format, such as zero-width and bidirectional marks; Zl and Zp break lines; U+FFFD is what could not be read. */
const UNFIT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u;
/** Not white space, nor a mark on nothing, nor a filler that shows nothing (U+2800 is the braille cell without dots). */
const VISIBLE = /[^\p{White_Space}\p{M}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** One line of 1 to `maxCharacters`, without white space around it, of which something is seen. */
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
