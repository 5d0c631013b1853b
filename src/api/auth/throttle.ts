// How many attempts at a password or a link somebody has. Nothing is locked for good: after the window nothing is left.
import { Problem } from '../../domain/failures/problem.js';
import type { Database } from '../../store/database.js';
import { consumeAttempt, forgetAttempts, type RateLimit } from '../../store/people/rate-limit.repository.js';

/** One window for all, because the shared table is swept by the longest window that sign-in itself knows. */
export const WINDOW_SECONDS = 300;

/** From one address: many people may share one, so more than anybody mistypes. */
export const SIGN_INS_PER_ADDRESS: RateLimit = { windowSeconds: WINDOW_SECONDS, max: 60 };
/** At one e-mail address from one address: what a guesser uses up, the person elsewhere keeps. */
export const SIGN_INS_PER_EMAIL_AND_ADDRESS: RateLimit = { windowSeconds: WINDOW_SECONDS, max: 10 };
/**
 * At one e-mail address, from wherever: keeping its person out takes twenty addresses at work all the time, and a
 * guesser with many has 57,600 tries a day at 12 characters or more.
 */
export const SIGN_INS_PER_EMAIL: RateLimit = { windowSeconds: WINDOW_SECONDS, max: 200 };
export const INVITATIONS_PER_ADDRESS: RateLimit = { windowSeconds: WINDOW_SECONDS, max: 20 };

export const throttleKey = {
  signInEmail: (email: string) => `sign-in|${spelled(email)}`,
  signInFrom: (email: string, address: string) => `sign-in-from|${address}|${spelled(email)}`,
  invitation: (address: string) => `invitation|${address}`,
};

const spelled = (email: string) => email.trim().toLowerCase().slice(0, 320);

export interface Throttle {
  /** Counts an attempt; throws `rate_limited` with `retryAfterSeconds` when it was one too many. */
  consume(key: string, limit: RateLimit): Promise<void>;
  forget(key: string): Promise<void>;
}

export const createThrottle = ({ kysely }: Pick<Database, 'kysely'>): Throttle => ({
  async consume(key, limit) {
    const { allowed, retryAfterSeconds } = await consumeAttempt(kysely, key, limit);
    if (allowed) return;
    const sentence = `too many attempts; try again in ${retryAfterSeconds} seconds`;
    throw new Problem('rate_limited', sentence, { extra: { retryAfterSeconds } });
  },
  forget: (key) => forgetAttempts(kysely, key),
});
