// What one kind of activity looks like. A kind is a row of a table: its code, where it happens, how often, and how its
// texts and its `data` object are made. As on a real console, the shape of `data` differs by type.
import { bareNumber, type JsonObject } from '../http/json.js';
import type { Random } from '../world/random.js';
import type { Account, Agent, ConsoleUser, Group, Site } from '../world/world.js';

/** `agent-only`: the row names an agent but no site, as some agent-side events do. */
export type KindScope = 'account' | 'site' | 'agent' | 'agent-only';

export interface Threat {
  readonly id: string;
  readonly classification: string;
  readonly confidence: 'malicious' | 'suspicious';
  readonly fileName: string;
  readonly filePath: string;
  readonly sha1: string;
}

/** A custom detection rule. Its id is above 2^53 and stands in `data` as a bare number. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly severity: string;
}

export interface KindContext {
  readonly random: Random;
  readonly createdAtMicros: number;
  readonly account: Account | null;
  readonly site: Site | null;
  readonly siteName: string | null;
  readonly group: Group | null;
  readonly agent: Agent | null;
  readonly user: ConsoleUser;
  readonly threat: Threat | null;
  readonly rule: Rule;
  readonly alertId: string;
  /** The scope's own name, and the sentence of `fullScopeDetails`. */
  readonly scopeName: string;
  readonly scopeDetails: string;
}

export interface KindText {
  readonly primary: string;
  readonly secondary?: string;
  readonly comments?: string;
  readonly agentUpdatedVersion?: string;
  /** The type's own keys of `data`; those of the scope are put before them. */
  readonly data: JsonObject;
}

export interface ActivityKind {
  readonly type: number;
  readonly action: string;
  readonly template: string;
  readonly scope: KindScope;
  /** How often it occurs relative to the others; 0 = only when asked for. */
  readonly weight: number;
  /** Internal: left out unless the request says includeHidden. */
  readonly hidden?: boolean;
  /** Whether a console user did it: fills `userId`. */
  readonly byUser?: boolean;
  readonly threat?: 'new' | 'follow-up';
  readonly rule?: boolean;
  readonly render: (context: KindContext) => KindText;
}

/** The scope's id as the bare number that some types send. */
export function scopeIdOf(context: KindContext): string | null {
  const id = context.group?.id ?? context.site?.id ?? context.account?.id;
  return id === undefined ? null : bareNumber(id);
}

export const levelOf = (context: KindContext): string =>
  context.site === null ? 'account' : context.group === null ? 'site' : 'group';

export const computerOf = (context: KindContext): string => context.agent?.computerName ?? 'unknown host';

/** An address a person signs in from, out of the ranges kept for documentation. */
export const addressOf = (random: Random): string =>
  random.chance(0.1) ? `2001:db8::${random.hex(4)}` : `198.51.100.${1 + random.int(254)}`;
