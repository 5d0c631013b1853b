// What the audit log holds: who did what to what. Old and new values are small objects of named fields that the caller
// chooses; the type admits no class instance, so a Secret cannot get in.

/** `operator`: somebody on the command line; `system`: the product itself. */
export type AuditActorKind = 'user' | 'api_key' | 'operator' | 'system';

export type AuditValue =
  string | number | boolean | null | readonly AuditValue[] | { readonly [field: string]: AuditValue };
export type AuditValues = Readonly<Record<string, AuditValue>>;

export interface AuditEntry {
  /** `<noun>.<past participle>`: `organization.renamed`, `connection.token_replaced`. */
  readonly action: string;
  readonly subject: { readonly type: string; readonly id: string };
  /** Left out when something was made. */
  readonly before?: AuditValues;
  /** Left out when something was removed. */
  readonly after?: AuditValues;
  /** Of a command that may be sent again, unique in the account: only its first entry is written. */
  readonly commandId?: string | undefined;
}
