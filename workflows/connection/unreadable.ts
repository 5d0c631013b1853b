// A payload that could not be decoded, as the value in its place: payload-converter.ts makes it, guards refuse it. By a
// field and not by a class, since the two are bundled as modules of their own.

const MARK = '__unreadablePayload';

export interface Unreadable {
  readonly [MARK]: true;
  /** A sentence for whoever sent it. */
  readonly problem: string;
}

export const unreadable = (problem: string): Unreadable => ({ [MARK]: true, problem });

export const isUnreadable = (value: unknown): value is Unreadable =>
  typeof value === 'object' && value !== null && MARK in value;
