// What a command is known by. An update that is sent again under its id is answered with what the first one did, and
// the audit log has one entry for it.

/** A command of which a connection has one (`create`), or one for each key that its sender chose. */
export const commandId = (command: string, connectionId: string, key?: string): string =>
  key === undefined ? `${command}:${connectionId}` : `${command}:${connectionId}:${key}`;

/** Each token that is offered is tried once. */
export const rotationId = (credentialId: string): string => `token:${credentialId}`;

/** A sending that was given up leaves its id used for good: the next attempt needs another. */
export const attemptId = (updateId: string, attempt: number): string =>
  attempt === 1 ? updateId : `${updateId} ${attempt}`;
