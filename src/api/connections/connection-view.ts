// A connection as the api shows it.
import { refusalSentence } from '../../domain/failures/command-refusals.js';
import { creationError, isCreationFailure } from '../../domain/failures/creation-errors.js';
import { isFailureCode } from '../../domain/failures/failures.js';
import type { ConnectionViewRow } from '../../store/connections/connection-view.repository.js';
import { helpUrl } from '../help/help-url.js';
import type { ConnectionView } from './connection.dto.js';

export function connectionView(row: ConnectionViewRow): ConnectionView {
  const { s1AccountId, s1AccountName, tokenLastFour, tokenExpiresAt } = row;
  return {
    id: row.id,
    name: row.name,
    consoleUrl: row.consoleUrl,
    sentinelOneAccount: s1AccountId === null ? null : { id: s1AccountId, name: s1AccountName },
    state: row.state,
    pauseReasons: row.pauseReasons,
    reason: row.stateCause,
    refusal: row.refusalCode === null ? null : refusalView(row.refusalCode, tokenExpiresAt),
    defaultOrganizationId: row.defaultOrganizationId,
    pollIntervalSeconds: row.pollIntervalSeconds,
    mappingVersion: row.mappingVersion,
    collectFrom: row.collectFrom,
    watermark: row.watermark,
    collectedThrough: row.collectedThrough,
    lagSeconds: row.lagSeconds,
    lastPollAt: row.lastPollAt,
    nextTryAt: row.nextTryAt,
    degradedSince: row.degradedSince,
    failureCode: row.failureCode,
    token: tokenLastFour === null ? null : { expiresAt: tokenExpiresAt, lastFour: tokenLastFour },
    counts: {
      stored: row.storedCount,
      discarded: row.discardedCount,
      rejected: row.rejectedCount,
      sites: row.sites,
      mappedSites: row.mappedSites,
    },
    createdAt: row.createdAt,
  };
}

function refusalView(code: string, expiresAt: string | null): NonNullable<ConnectionView['refusal']> {
  if (!isFailureCode(code)) return { code, message: code, whatToDo: null, helpUrl: null };
  if (!isCreationFailure(code)) return { code, message: refusalSentence(code), whatToDo: null, helpUrl: null };
  const { message, whatToDo, helpAnchor } = creationError(code, expiresAt);
  return { code, message, whatToDo, helpUrl: helpUrl(helpAnchor) };
}
