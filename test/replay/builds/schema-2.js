// workflows/backfill.workflow.ts
import {
  ActivityCancellationType as ActivityCancellationType2,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyActivities as proxyActivities2,
  sleep,
  workflowInfo
} from "@temporalio/workflow";

// src/domain/temporal-names.ts
var BACKFILL_WORKFLOW = "backfill";
var CONNECTION_QUEUE = "sentinelone";
var backfillQueueOf = (connectionQueue) => `${connectionQueue}-backfill`;
var BACKFILL_QUEUE = backfillQueueOf(CONNECTION_QUEUE);
var workflowId = (accountId, connectionId) => `sentinelone/${accountId}/${connectionId}`;
var backfillWorkflowId = (accountId, connectionId) => `${workflowId(accountId, connectionId)}/backfill`;
var SEARCH_ATTRIBUTES = {
  accountId: { name: "AccountId", type: "KEYWORD" },
  connectionState: { name: "ConnectionState", type: "KEYWORD" },
  console: { name: "Console", type: "KEYWORD" }
};

// workflows/connection/activities.ts
import { ActivityCancellationType, proxyActivities } from "@temporalio/workflow";

// src/domain/failures/failures.ts
var FAILURES = {
  "s1.token_rejected": { retryable: false, pause: "token" },
  "s1.token_expired": { retryable: false, pause: "token" },
  "s1.permission_missing": { retryable: false, pause: "permission" },
  "s1.syslog_in_use": { retryable: false },
  "s1.not_account_scope": { retryable: false },
  "s1.other_account": { retryable: false },
  "s1.already_connected": { retryable: false },
  "s1.address_refused": { retryable: false },
  "s1.rate_limited": { retryable: true },
  "s1.unavailable": { retryable: true },
  "s1.bad_response": { retryable: true },
  "s1.bad_request": { retryable: true },
  "store.unavailable": { retryable: true },
  "checkpoint.conflict": { retryable: true },
  "store.conflict": { retryable: true },
  mapping_conflict: { retryable: false },
  mapping_unknown_site: { retryable: false },
  mapping_unknown_organization: { retryable: false },
  unknown_credential: { retryable: false },
  connection_gone: { retryable: false },
  command_expired: { retryable: false },
  illegal_state: { retryable: false }
};
var isFailureCode = (code) => Object.hasOwn(FAILURES, code);
var NON_RETRYABLE = Object.keys(FAILURES).filter(
  (code) => !FAILURES[code].retryable
);
function pauseFor(code) {
  const rule = FAILURES[code];
  return rule.pause ?? null;
}

// workflows/connection/activities.ts
var UPSTREAM = Object.keys(FAILURES).filter((code) => code.startsWith("s1."));
var FINAL_WHEN_ASKED = [.../* @__PURE__ */ new Set([...NON_RETRYABLE, ...UPSTREAM])];
var COLLECTING_RETRY = {
  initialInterval: "5 seconds",
  backoffCoefficient: 1,
  nonRetryableErrorTypes: [...NON_RETRYABLE]
};
var ROUTINE_RETRY = {
  initialInterval: "5 seconds",
  backoffCoefficient: 2,
  maximumInterval: "1 minute",
  nonRetryableErrorTypes: [...NON_RETRYABLE]
};
function activitiesFor(accountId) {
  const priority = { fairnessKey: accountId };
  return {
    /**
     * Before each command. An attempt takes milliseconds; two seconds are for a killed worker, and trying again does no
     * harm.
     */
    clock: proxyActivities({
      startToCloseTimeout: "2 seconds",
      retry: { initialInterval: "100 milliseconds", maximumInterval: "2 seconds" },
      summary: "was it accepted in time",
      priority
    }),
    /** Eight seconds in all, because somebody looks at a form. Two tries, because one lost packet is no verdict. */
    validation: proxyActivities({
      scheduleToCloseTimeout: "8 seconds",
      retry: { initialInterval: "500 milliseconds", maximumAttempts: 2, nonRetryableErrorTypes: [...NON_RETRYABLE] },
      summary: "all checks of a new connection",
      priority
    }),
    /** Cancellation waits for the running attempt: two polls never run side by side. */
    live: proxyActivities({
      startToCloseTimeout: "5 minutes",
      heartbeatTimeout: "15 seconds",
      cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
      retry: COLLECTING_RETRY,
      summary: "live collection",
      priority
    }),
    /**
     * TRY_CANCEL: these read the console and write what they saw by key, so one left running beside its successor does
     * no harm, while waiting for it would hold up continue-as-new and with it the poll. A heartbeat, because chores are
     * done one after the other: one that was lost with its worker would otherwise hold up the re-check that ends a
     * pause for two minutes.
     */
    routine: proxyActivities(
      {
        startToCloseTimeout: "2 minutes",
        heartbeatTimeout: "15 seconds",
        cancellationType: ActivityCancellationType.TRY_CANCEL,
        retry: ROUTINE_RETRY,
        summary: "routine",
        priority
      }
    ),
    /**
     * About a minute of counting, longer when something is read again. TRY_CANCEL: of two attempts that read a window
     * again the older loses its checkpoint, so one left running does no harm.
     */
    completeness: proxyActivities({
      startToCloseTimeout: "5 minutes",
      heartbeatTimeout: "15 seconds",
      cancellationType: ActivityCancellationType.TRY_CANCEL,
      retry: ROUTINE_RETRY,
      summary: "comparison with the console",
      priority
    }),
    /** Routine work when a person waits: an answer within half a minute, even if it is that the console is away. */
    asked: proxyActivities({
      startToCloseTimeout: "30 seconds",
      scheduleToCloseTimeout: "30 seconds",
      retry: { initialInterval: "1 second", nonRetryableErrorTypes: FINAL_WHEN_ASKED },
      summary: "asked for by a person",
      priority
    }),
    /**
     * Retried until the store has it, because an attempt whose reply was lost may have committed and only another
     * attempt finds out. Whatever the console answers is final: it is asked before the commit, and an outage must not
     * hold the lock of commands.
     */
    command: proxyActivities({
      startToCloseTimeout: "30 seconds",
      retry: { initialInterval: "1 second", maximumInterval: "30 seconds", nonRetryableErrorTypes: FINAL_WHEN_ASKED },
      summary: "command",
      priority
    }),
    /** Must happen, however long the store is away; pointless only when the connection's row is gone. */
    record: proxyActivities({
      startToCloseTimeout: "30 seconds",
      retry: { initialInterval: "1 second", maximumInterval: "1 minute", nonRetryableErrorTypes: ["connection_gone"] },
      summary: "record",
      priority
    })
  };
}

// workflows/connection/failure.ts
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from "@temporalio/workflow";
function failureOf(error) {
  let timedOut = false;
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof ApplicationFailure && each.type && isFailureCode(each.type)) {
      const rejection = each.details?.[0];
      return { code: each.type, credentialId: rejection?.credentialId ?? null };
    }
    timedOut ||= each instanceof TimeoutFailure;
  }
  return { code: timedOut ? "s1.unavailable" : "internal", credentialId: null };
}
function hasTimedOut(error) {
  if (failureOf(error).code !== "s1.unavailable") return false;
  for (let each = error; each instanceof Error; each = each.cause) if (each instanceof TimeoutFailure) return true;
  return false;
}
var refusal = (code, ...details) => ApplicationFailure.nonRetryable(`refused: ${code}`, code, ...details);
var isRejection = ({ code }) => code !== "internal" && pauseFor(code) !== null;
var endedByCancellation = (error) => error instanceof ActivityFailure && error.retryState === "CANCEL_REQUESTED";

// workflows/connection/messages.ts
import { defineQuery, defineSignal, defineUpdate } from "@temporalio/workflow";
var SCHEMA_VERSION = 2;
var awaitVerdict = defineUpdate("awaitVerdict");
var rotateToken = command("rotateToken");
var remapSites = command("remapSites");
var pause = command("pause");
var resume = command("resume");
var recheck = command("recheck");
var syncSites = command("syncSites");
var changeSettings = command("changeSettings");
var disconnect = command("disconnect");
var rotateTokenSignal = defineSignal("rotateToken");
var remapSitesSignal = defineSignal("remapSites");
var backfillQueued = defineSignal("backfillQueued");
var backfillStopped = defineSignal("backfillStopped");
var status = defineQuery("status");
function command(name) {
  return defineUpdate(name);
}

// workflows/backfill.workflow.ts
var AFTER_REJECTION = "10 seconds";
async function backfill(connection2) {
  while (!workflowInfo().continueAsNewSuggested) {
    if (await nextRow(connection2) === "nothing to do") return;
  }
  await continueAsNew(connection2);
}
async function nextRow(connection2) {
  try {
    const { drained } = await rowsOf(connection2).runBackfill(connection2);
    return drained ? "nothing to do" : "again";
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = failureOf(error);
    if (!isRejection(failure) || !await tellConnection(connection2, failure)) {
      log.error("backfill ended early", { code: failure.code });
      return "nothing to do";
    }
    await sleep(AFTER_REJECTION);
    return "again";
  }
}
async function tellConnection({ accountId, connectionId }, failure) {
  const code = failure.code;
  try {
    const handle = getExternalWorkflowHandle(workflowId(accountId, connectionId));
    await handle.signal(backfillStopped, { code, credentialId: failure.credentialId });
    return true;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return false;
  }
}
var rowsOf = ({ accountId }) => proxyActivities2({
  startToCloseTimeout: "1 day",
  heartbeatTimeout: "15 seconds",
  cancellationType: ActivityCancellationType2.WAIT_CANCELLATION_COMPLETED,
  retry: COLLECTING_RETRY,
  summary: "oldest queued backfill",
  priority: { fairnessKey: accountId }
});

// workflows/connection.workflow.ts
import { allHandlersFinished, CancellationScope as CancellationScope5, condition as condition5, continueAsNew as continueAsNew2 } from "@temporalio/workflow";

// src/domain/connection/connection.ts
var CHORES = ["sites", "licenseCounts", "tokenCheck", "permissionRecheck", "completeness"];
var TRANSITIONS = {
  validating: { accepted: "awaiting_mapping", refused: "refused" },
  refused: {},
  awaiting_mapping: { mapped: "active", disconnect: "disconnecting" },
  active: { disconnect: "disconnecting" },
  disconnecting: { tornDown: "disconnected" },
  disconnected: {}
};
var LIVE_PHASES = ["awaiting_mapping", "active"];
var LEGAL_PHASES = {
  rotateToken: LIVE_PHASES,
  remapSites: LIVE_PHASES,
  pause: LIVE_PHASES,
  resume: LIVE_PHASES,
  recheck: LIVE_PHASES,
  syncSites: LIVE_PHASES,
  changeSettings: LIVE_PHASES,
  disconnect: [...LIVE_PHASES, "disconnecting"]
};
var isLegal = (command2, connection2) => LEGAL_PHASES[command2].includes(connection2.phase);
var isLive = (connection2) => LIVE_PHASES.includes(connection2.phase);
var isCollecting = (connection2) => connection2.phase === "active" && connection2.pauses.length === 0;
var isCurrent = (connection2, credentialId) => credentialId !== null && credentialId === connection2.credentialId;
var visibleState = (connection2) => isLive(connection2) && connection2.pauses.length > 0 ? "paused" : connection2.phase;
var newConnection = () => ({
  phase: "validating",
  pauses: [],
  stateSeq: 0,
  cause: "created",
  credentialId: null,
  tokenExpiresAt: null,
  mappingVersion: 0,
  sites: { total: 0, mapped: 0 },
  backfillQueued: false,
  lastRun: { sites: null, licenseCounts: null, tokenCheck: null, permissionRecheck: null, completeness: null },
  lastOutcome: null
});

// workflows/connection/handlers.ts
import { CancellationScope, condition, currentUpdateInfo, setHandler } from "@temporalio/workflow";

// workflows/connection/commands.ts
function rotateToken2(connection2, { credentialId }, commandId) {
  return connection2.exclusively("rotateToken", async () => {
    const command2 = { ...connection2.ref, commandId, credentialId };
    const outcome = await connection2.activities.command.swapCredential(command2);
    await connection2.commit({ kind: "credentialSwapped", outcome });
    return { ...connection2.view(), ...outcome };
  });
}
function remapSites2(connection2, { version, changes, collectDiscarded }, commandId) {
  return connection2.exclusively("remapSites", async () => {
    const command2 = { ...connection2.ref, commandId, version, changes, collectDiscarded };
    const outcome = await connection2.activities.command.applyMapping(command2);
    await connection2.commit({ kind: "mapped", outcome });
    return { ...connection2.view(), version: outcome.version, total: outcome.total, mapped: outcome.mapped };
  });
}
function changeSettings2(connection2, { pollIntervalMs, defaultOrganizationId }, commandId) {
  return connection2.exclusively("changeSettings", async () => {
    if (pollIntervalMs !== void 0 && !(pollIntervalMs > 0)) throw new RangeError("pollIntervalMs must be positive");
    await connection2.activities.command.changeSettings({
      ...connection2.ref,
      commandId,
      ...pollIntervalMs !== void 0 && { pollIntervalMs },
      ...defaultOrganizationId !== void 0 && { defaultOrganizationId }
    });
    if (pollIntervalMs !== void 0) connection2.intervals = { ...connection2.intervals, pollIntervalMs };
    connection2.wake();
    return connection2.view();
  });
}
async function pause2(connection2) {
  await connection2.commit({ kind: "pausedByPerson" });
  return connection2.view();
}
async function resume2(connection2) {
  await connection2.commit({ kind: "resumedByPerson" });
  return connection2.view();
}
async function disconnect2(connection2) {
  await connection2.commit({ kind: "disconnectRequested", cause: "disconnect" });
  return connection2.view();
}
async function recheck2(connection2) {
  return withRejections(connection2, "recheck", async () => {
    const { asked } = connection2.activities;
    const token = await asked.checkToken(connection2.ref);
    await connection2.commit({ kind: "tokenChecked", outcome: token });
    if (token.status !== "alive") return { ...connection2.view(), token: token.status, permissionsGranted: null };
    const permissions = await asked.checkPermissions(connection2.ref);
    await connection2.commit({ kind: "permissionsChecked", outcome: permissions });
    return { ...connection2.view(), token: token.status, permissionsGranted: permissions.granted };
  });
}
async function syncSites2(connection2) {
  return withRejections(connection2, "syncSites", async () => {
    const outcome = await connection2.activities.asked.syncSites(connection2.ref);
    await connection2.commit({ kind: "sitesSynced", outcome });
    return { ...connection2.view(), total: outcome.total, mapped: outcome.mapped };
  });
}
async function withRejections(connection2, of, work2) {
  try {
    return await work2();
  } catch (error) {
    await connection2.commit({ kind: "failed", of, ...failureOf(error) });
    throw error;
  }
}

// workflows/connection/handlers.ts
function registerHandlers(connection2) {
  onVerdict(connection2);
  onUpdate(connection2, rotateToken, rotateToken2);
  onUpdate(connection2, remapSites, remapSites2);
  onUpdate(connection2, pause, pause2);
  onUpdate(connection2, resume, resume2);
  onUpdate(connection2, recheck, recheck2);
  onUpdate(connection2, syncSites, syncSites2);
  onUpdate(connection2, changeSettings, changeSettings2);
  onUpdate(connection2, disconnect, disconnect2);
  onSignal(connection2, rotateTokenSignal);
  onSignal(connection2, remapSitesSignal);
  onSignal(connection2, backfillQueued);
  onSignal(connection2, backfillStopped);
  setHandler(status, () => connection2.status());
}
function onVerdict(connection2) {
  const decided = () => connection2.state.phase !== "validating";
  const verdict = async () => {
    await condition(decided);
    await connection2.written();
    if (connection2.state.phase === "refused") throw refusal(connection2.state.cause);
    return connection2.view();
  };
  setHandler(awaitVerdict, verdict, { validator: requireInTime });
}
function onUpdate(connection2, update, command2) {
  const run2 = (args, updateId = currentUpdateId()) => connection2.answers.once(updateId, () => command2(connection2, args, updateId));
  const runInTime = async (args) => {
    const updateId = currentUpdateId();
    if (!connection2.answers.has(updateId)) {
      if (await wasTakenTooLate(connection2, args.notAfter)) throw expired(args);
      connection2.requireLegal(update.name);
    }
    return run2(args, updateId);
  };
  const validator = (args) => {
    if (connection2.answers.has(currentUpdateId())) return;
    requireInTime(args);
    connection2.requireLegal(update.name);
  };
  const handler = connection2.asksWhenAccepted ? runInTime : (args) => run2(args);
  setHandler(update, handler, { validator });
}
function onSignal(connection2, signal) {
  const { name } = signal;
  const receive = (...[args]) => connection2.receive(name, args);
  setHandler(signal, receive);
}
function isTooLate(notAfter, nowMs = Date.now()) {
  return !(nowMs <= Date.parse(notAfter ?? ""));
}
async function wasTakenTooLate(connection2, notAfter) {
  const takenAt = await CancellationScope.nonCancellable(() => connection2.activities.clock.readCommitTime());
  return isTooLate(notAfter, Date.parse(takenAt));
}
function requireInTime(args) {
  if (isTooLate(args?.notAfter)) throw expired(args);
}
var expired = (args) => refusal("command_expired", ...args?.notAfter === void 0 ? [] : [args.notAfter]);
function currentUpdateId() {
  const update = currentUpdateInfo();
  if (update === void 0) throw refusal("internal");
  return update.id;
}

// workflows/connection/inbox.ts
import { CancellationScope as CancellationScope2, condition as condition2 } from "@temporalio/workflow";
var COMMANDS = {
  rotateToken: rotateToken2,
  remapSites: remapSites2,
  backfillQueued: (connection2) => connection2.commit({ kind: "backfillRequested" }),
  backfillStopped: async (connection2, { code, credentialId }) => connection2.commit({ kind: "failed", of: "backfill", code, credentialId })
};
async function answerSignals(connection2) {
  await CancellationScope2.nonCancellable(async () => {
    while (!connection2.leaving) {
      await condition2(() => connection2.leaving || connection2.inbox.length > 0);
      if (!connection2.leaving) await answerNext(connection2);
    }
  });
}
async function emptyInbox(connection2) {
  while (connection2.inbox.length > 0) await answerNext(connection2);
}
async function answerNext(connection2) {
  const entry = connection2.inbox.shift();
  if (entry === void 0) return;
  try {
    await COMMANDS[entry.signal](connection2, entry.args, entry.commandId);
  } catch (error) {
    await recordRefusal(connection2, entry, failureOf(error).code);
  }
}
async function recordRefusal(connection2, entry, code) {
  const { commandId, signal: kind } = entry;
  const record = { ...connection2.ref, commandId, kind, outcome: "refused", code };
  await connection2.recorded(() => connection2.activities.record.recordTimeline(record));
}

// workflows/connection/input.ts
import { patched } from "@temporalio/workflow";

// src/domain/connection/poll-interval.ts
var POLL_INTERVAL_SECONDS = { min: 10, usual: 30, max: 900 };

// src/domain/connection/chores.ts
var MINUTE_MS = 6e4;
var HOUR_MS = 60 * MINUTE_MS;
var DEFAULT_INTERVALS = {
  pollIntervalMs: POLL_INTERVAL_SECONDS.usual * 1e3,
  sitesIntervalMs: 10 * MINUTE_MS,
  licenseCountsIntervalMs: HOUR_MS,
  tokenCheckIntervalMs: 24 * HOUR_MS,
  permissionRecheckIntervalMs: 15 * MINUTE_MS,
  tokenProbeIntervalMs: HOUR_MS,
  completenessIntervalMs: 10 * MINUTE_MS
};
function nextChore(chores, connection2, intervals) {
  const due = chores.map((chore) => ({ chore, at: dueAt(chore, connection2, intervals) })).filter((each) => each.at !== null);
  return due.reduce((first, each) => first === null || each.at < first.at ? each : first, null);
}
function dueAt(chore, connection2, intervals) {
  if (!isLive(connection2)) return null;
  const tokenDead = connection2.pauses.includes("token");
  const last = connection2.lastRun[chore];
  const after = (intervalMs) => last === null ? 0 : last + intervalMs;
  switch (chore) {
    case "sites":
      return tokenDead ? null : after(intervals.sitesIntervalMs);
    case "licenseCounts":
      return tokenDead ? null : after(intervals.licenseCountsIntervalMs);
    case "completeness":
      return isCollecting(connection2) ? after(intervals.completenessIntervalMs) : null;
    case "permissionRecheck":
      return tokenDead || !connection2.pauses.includes("permission") ? null : after(intervals.permissionRecheckIntervalMs);
    case "tokenCheck":
      if (tokenDead) return after(intervals.tokenProbeIntervalMs);
      return Math.min(after(intervals.tokenCheckIntervalMs), expiryNotYetChecked(connection2.tokenExpiresAt, last));
  }
}
function expiryNotYetChecked(expiresAt, lastCheck) {
  if (expiresAt === null || lastCheck === null) return Infinity;
  const expiry = Date.parse(expiresAt);
  return expiry > lastCheck ? expiry : Infinity;
}

// workflows/connection/input.ts
function upToDate(input) {
  const settings = { ...DEFAULT_INTERVALS, ...input.settings };
  if (input.carried === void 0) return { ...input, settings };
  const { connection: connection2 } = input.carried;
  const lastRun = { ...newConnection().lastRun, ...connection2.lastRun };
  return { ...input, settings, carried: { ...input.carried, connection: { ...connection2, lastRun } } };
}
var isVersion2 = ({ schemaVersion }) => schemaVersion >= 2 && patched("schema-2");
var asksWhenAccepted = isVersion2;
var comparesCounts = isVersion2;

// workflows/connection/live-connection.ts
import {
  CancellationScope as CancellationScope4,
  condition as condition3,
  isCancellation as isCancellation2,
  log as log3,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo as workflowInfo3
} from "@temporalio/workflow";

// src/domain/connection/connection-details.ts
function connectionDetails(connection2) {
  const { cause, pauses, sites, mappingVersion, tokenExpiresAt, backfillQueued: backfillQueued2, lastOutcome } = connection2;
  const paused = pauses.length > 0 ? ` (${pauses.join(", ")})` : "";
  return [
    `**${visibleState(connection2)}**${paused} since \`${cause}\``,
    `- sites mapped: ${sites.mapped} of ${sites.total}, mapping version ${mappingVersion}`,
    `- token expires: ${tokenExpiresAt ?? "unknown"}`,
    `- backfill queued: ${backfillQueued2 ? "yes" : "no"}`,
    `- last outcome: ${lastOutcome ? `${lastOutcome.of}: ${lastOutcome.note}, ${utc(lastOutcome.at)}` : "none yet"}`
  ].join("\n");
}
var utc = (ms) => new Date(ms).toISOString();

// src/domain/connection/connection-events.ts
function apply(before, event, at) {
  const after = reduce(before, event, at);
  const changed = after.phase !== before.phase || after.pauses.join() !== before.pauses.join();
  return changed ? { ...after, stateSeq: before.stateSeq + 1, cause: causeOf(event) } : after;
}
function reduce(before, event, at) {
  switch (event.kind) {
    case "accepted":
      return { ...ran(step(before, "accepted"), "tokenCheck", at), ...credentialOf(event) };
    case "refused":
      return noted(step(before, "refused"), "validation", event.code, at);
    case "credentialSwapped": {
      const swapped = { ...ran(without(before, "token"), "tokenCheck", at), ...credentialOf(event.outcome) };
      return noted(dueAtOnce(swapped), "new token", "accepted", at);
    }
    case "mapped": {
      const { version, mapped, total } = event.outcome;
      const after = { ...withSites(before, event.outcome), mappingVersion: version };
      return noted(mapped > 0 ? step(after, "mapped") : after, "mapping", `${mapped} of ${total} sites mapped`, at);
    }
    case "sitesSynced":
      return noted(ran(withSites(before, event.outcome), "sites", at), "sites", `${event.outcome.total} sites`, at);
    case "licensesCounted":
      return noted(ran(before, "licenseCounts", at), "license counts", `${event.outcome.sites} sites counted`, at);
    case "polled": {
      const { stored, discarded, rejected, backfillQueued: backfillQueued2 } = event.outcome;
      const note = `${stored} stored, ${discarded} discarded, ${rejected} rejected`;
      return noted({ ...before, backfillQueued: backfillQueued2 }, "poll", note, at);
    }
    case "tokenChecked":
      return tokenChecked(before, event.outcome, at);
    case "permissionsChecked":
      return permissionsChecked(before, event.outcome, at);
    case "completenessChecked": {
      const { checked, repaired, short } = event.outcome;
      const after = ran(before, "completeness", at);
      const note = `${checked} compared, ${repaired} rows repaired, ${short} short`;
      return checked > 0 ? noted(after, "completeness", note, at) : after;
    }
    case "failed":
      return failed(before, event, at);
    case "backfillRequested":
      return { ...before, backfillQueued: true };
    case "pausedByPerson":
      return withPause(before, "person");
    case "resumedByPerson":
      return without(before, "person");
    case "disconnectRequested":
      return isLive(before) ? { ...step(before, "disconnect"), pauses: [] } : before;
    case "tornDown":
      return step(before, "tornDown");
  }
}
function tokenChecked(before, outcome, at) {
  if (!isCurrent(before, outcome.credentialId)) return before;
  const checked = noted(ran(before, "tokenCheck", at), "token check", outcome.status, at);
  const after = { ...checked, tokenExpiresAt: outcome.expiresAt };
  if (outcome.status !== "alive") return withPause(after, "token");
  return before.pauses.includes("token") ? dueAtOnce(without(after, "token")) : after;
}
function permissionsChecked(before, outcome, at) {
  if (!isCurrent(before, outcome.credentialId)) return before;
  const note = outcome.granted ? "granted" : "missing";
  const checked = noted(ran(before, "permissionRecheck", at), "permission check", note, at);
  return outcome.granted ? without(checked, "permission") : withPause(checked, "permission");
}
function failed(before, event, at) {
  const pause3 = isFailureCode(event.code) ? pauseFor(event.code) : null;
  if (pause3 !== null && !isCurrent(before, event.credentialId)) return before;
  const after = noted(isChore(event.of) ? ran(before, event.of, at) : before, event.of, event.code, at);
  if (pause3 === null || before.pauses.includes(pause3)) return after;
  return withPause(ran(after, pause3 === "token" ? "tokenCheck" : "permissionRecheck", at), pause3);
}
var isChore = (name) => CHORES.includes(name);
var step = (before, by) => ({
  ...before,
  phase: TRANSITIONS[before.phase][by] ?? before.phase
});
var withPause = (before, reason) => isLive(before) && !before.pauses.includes(reason) ? { ...before, pauses: [...before.pauses, reason].sort() } : before;
var without = (before, reason) => ({
  ...before,
  pauses: before.pauses.filter((each) => each !== reason)
});
var ran = (before, chore, at) => ({
  ...before,
  lastRun: { ...before.lastRun, [chore]: at }
});
var dueAtOnce = (before) => ({
  ...before,
  lastRun: { ...before.lastRun, sites: null, licenseCounts: null, permissionRecheck: null }
});
var noted = (before, of, note, at) => ({
  ...before,
  lastOutcome: { of, note, at }
});
var credentialOf = ({ credentialId, tokenExpiresAt }) => ({ credentialId, tokenExpiresAt });
var withSites = (before, { total, mapped, backfillQueued: backfillQueued2 }) => ({
  ...before,
  sites: { total, mapped },
  backfillQueued: backfillQueued2
});
function causeOf(event) {
  switch (event.kind) {
    case "refused":
    case "failed":
      return event.code;
    case "disconnectRequested":
      return event.cause;
    case "tokenChecked":
      return event.outcome.status === "alive" ? "token_alive" : `s1.token_${event.outcome.status}`;
    case "permissionsChecked":
      return event.outcome.granted ? "permissions_granted" : "s1.permission_missing";
    case "mapped":
      return "remapSites";
    case "credentialSwapped":
      return "rotateToken";
    case "pausedByPerson":
      return "pause";
    case "resumedByPerson":
      return "resume";
    default:
      return event.kind;
  }
}

// workflows/connection/answers.ts
var KEPT = 200;
var Answers = class {
  given;
  constructor(carried) {
    this.given = carried;
  }
  has(updateId) {
    return this.find(updateId) !== void 0;
  }
  /** The answer given before, or the one that `work` gives now. Fails with ApplicationFailure only. */
  async once(updateId, work2) {
    const answer = this.find(updateId) ?? this.keep(await answerOf(updateId, work2));
    if (answer.code !== void 0) throw refusal(answer.code);
    return answer.result;
  }
  toJSON() {
    return this.given;
  }
  find(updateId) {
    return this.given.find((answer) => answer.updateId === updateId);
  }
  keep(answer) {
    this.given = [...this.given, answer].slice(-KEPT);
    return answer;
  }
};
async function answerOf(updateId, work2) {
  try {
    return { updateId, result: await work2() };
  } catch (error) {
    return { updateId, code: failureOf(error).code };
  }
}

// workflows/connection/lock.ts
var Lock = class {
  tail = Promise.resolve();
  /** Runs `work` after everything asked for before it has ended, well or badly, and settles as `work` does. */
  run(work2) {
    const turn = this.tail.then(work2);
    this.tail = turn.catch(() => void 0);
    return turn;
  }
  /** Settles when everything asked for so far has ended. */
  idle() {
    return this.run(() => Promise.resolve());
  }
};

// workflows/connection/start-backfill.ts
import { WorkflowExecutionAlreadyStartedError } from "@temporalio/common";
import { CancellationScope as CancellationScope3, log as log2, ParentClosePolicy, startChild, workflowInfo as workflowInfo2 } from "@temporalio/workflow";
async function startBackfill(connection2, console) {
  const { accountId, connectionId } = connection2;
  try {
    await CancellationScope3.nonCancellable(
      () => startChild(BACKFILL_WORKFLOW, {
        workflowId: backfillWorkflowId(accountId, connectionId),
        taskQueue: backfillQueueOf(workflowInfo2().taskQueue),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        typedSearchAttributes: [
          { key: SEARCH_ATTRIBUTES.accountId, value: accountId },
          { key: SEARCH_ATTRIBUTES.console, value: console }
        ],
        priority: { fairnessKey: accountId },
        args: [connection2]
      })
    );
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) log2.warn("backfill was not started", { error });
  }
}

// workflows/connection/live-connection.ts
var LiveConnection = class {
  constructor(input) {
    this.input = input;
    this.ref = { accountId: input.accountId, connectionId: input.connectionId };
    this.activities = activitiesFor(input.accountId);
    this.intervals = input.settings;
    this.asksWhenAccepted = asksWhenAccepted(input);
    this.current = input.carried?.connection ?? newConnection();
    this.answers = new Answers(input.carried?.answers ?? []);
    this.inbox = [...input.carried?.inbox ?? []];
    this.show();
  }
  input;
  ref;
  activities;
  answers;
  /** Signals not yet worked on, oldest first. */
  inbox;
  /** Set once, when the run must end: no loop starts anything more. */
  leaving = false;
  /** Set by whatever makes waiting for the next poll pointless; the next poll clears it. */
  woken = false;
  intervals;
  current;
  /** False in runs that an earlier build began. */
  asksWhenAccepted;
  commands = new Lock();
  projections = new Lock();
  interruptPoll = () => void 0;
  backfillStart;
  minted = 0;
  get state() {
    return this.current;
  }
  get collecting() {
    return isCollecting(this.current);
  }
  /** The run ends when the history is long enough or the connection is; both may become true at any event. */
  get mustLeave() {
    return workflowInfo3().continueAsNewSuggested || !isLive(this.current);
  }
  /** Applies an event. Settles when the state that it led to is written. */
  async commit(event) {
    const before = this.current;
    this.current = apply(before, event, Date.now());
    this.show();
    const changed = this.current.stateSeq !== before.stateSeq;
    if (changed || WAKING.includes(event.kind)) this.wake();
    if (changed) this.project(this.current);
    await this.projections.idle();
    if (this.wantsBackfill(before, event)) await this.startBackfill();
  }
  /** Runs a command after those before it, if it is still legal then. */
  exclusively(command2, work2) {
    return this.commands.run(() => {
      this.requireLegal(command2);
      return work2();
    });
  }
  requireLegal(command2) {
    if (!isLegal(command2, this.current)) throw refusal("illegal_state");
  }
  /** Settles when every change so far is written. */
  written() {
    return this.projections.idle();
  }
  /** Cancels the waiting poll or ends the wait for the next one. */
  wake() {
    this.woken = true;
    this.interruptPoll();
  }
  /** Runs the poll so that `wake` can cancel it; null when it was cancelled. */
  async interruptible(poll) {
    const scope = new CancellationScope4();
    this.woken = false;
    this.interruptPoll = () => scope.cancel();
    try {
      return await scope.run(poll);
    } catch (error) {
      if (isCancellation2(error) || endedByCancellation(error)) return null;
      throw error;
    } finally {
      this.interruptPoll = () => void 0;
    }
  }
  nextChore(chores) {
    return nextChore(chores, this.current, this.intervals);
  }
  /** Signals are worked off by a loop of their own; each keeps the command id of its arrival, also in a later run. */
  receive(signal, args) {
    this.inbox.push({ commandId: this.mintCommandId(), signal, args: args ?? null });
  }
  /** An id for a change that no update asked for. */
  mintCommandId() {
    this.minted += 1;
    return `${workflowInfo3().runId}:${this.minted}`;
  }
  /** Asked twice at once, it is started once. */
  startBackfill() {
    this.backfillStart ??= startBackfill(this.ref, this.input.console).finally(() => this.backfillStart = void 0);
    return this.backfillStart;
  }
  /** Does what must happen whoever cancels, and ends quietly when the connection's row is gone. */
  async recorded(write) {
    try {
      await CancellationScope4.nonCancellable(write);
    } catch (error) {
      log3.warn("nothing was recorded", { code: failureOf(error).code });
    }
  }
  view() {
    return {
      state: visibleState(this.current),
      pauseReasons: this.current.pauses,
      stateSeq: this.current.stateSeq
    };
  }
  status() {
    const { stateSeq: _seq, pauses: _pauses, ...rest } = this.current;
    return { ...rest, ...this.view(), intervals: this.intervals };
  }
  /** What the next run starts from: plain JSON. */
  carry() {
    return {
      ...this.input,
      schemaVersion: SCHEMA_VERSION,
      settings: this.intervals,
      carried: { connection: this.current, answers: this.answers.toJSON(), inbox: this.inbox }
    };
  }
  /** Waits like `condition`, ending early when the run must end. */
  pauseFor(ms, until = () => false) {
    return condition3(() => this.leaving || until(), ms);
  }
  show() {
    setCurrentDetails(connectionDetails(this.current));
    const { typedSearchAttributes: shown } = workflowInfo3();
    const wanted = [
      { key: SEARCH_ATTRIBUTES.accountId, value: this.ref.accountId },
      { key: SEARCH_ATTRIBUTES.connectionState, value: visibleState(this.current) },
      { key: SEARCH_ATTRIBUTES.console, value: this.input.console }
    ];
    const changed = wanted.filter(({ key, value }) => shown.get(key) !== value);
    if (changed.length > 0) upsertSearchAttributes(changed);
  }
  /** `refused` is written by refuseConnection, with its code. */
  project({ phase, stateSeq, cause }) {
    if (phase === "refused") return;
    const { state, pauseReasons } = this.view();
    const summary = pauseReasons.length > 0 ? `${state}: ${pauseReasons.join(", ")}` : state;
    const projection = { ...this.ref, state, pauseReasons, stateSeq, cause };
    void this.projections.run(
      () => this.recorded(() => this.activities.record.projectStatus.executeWithOptions({ summary }, [projection]))
    );
  }
  /**
   * A poll says so each time it stores something, so there only news counts; each site sync makes up for what that
   * misses.
   */
  wantsBackfill(before, event) {
    if (!this.collecting || !this.current.backfillQueued) return false;
    return !isCollecting(before) || !before.backfillQueued || ALWAYS_START_BACKFILL.includes(event.kind);
  }
};
var WAKING = ["mapped", "credentialSwapped"];
var ALWAYS_START_BACKFILL = ["sitesSynced", "mapped", "backfillRequested"];

// workflows/connection/loops.ts
import { condition as condition4, isCancellation as isCancellation3, log as log4 } from "@temporalio/workflow";
var STALE_RETRY_MS = 1e3;
var JITTER = 0.1;
async function collect(connection2) {
  await untilCancelled(async () => {
    while (!connection2.leaving) {
      await condition4(() => connection2.leaving || connection2.collecting);
      await connection2.written();
      const waitMs = connection2.collecting && !connection2.leaving ? await pollOnce(connection2) : 0;
      if (waitMs > 0) await connection2.pauseFor(waitMs, () => connection2.woken || !connection2.collecting);
    }
  });
}
async function pollOnce(connection2) {
  const { pollIntervalMs } = connection2.intervals;
  try {
    const outcome = await connection2.interruptible(
      () => connection2.activities.live.pollActivities({ ...connection2.ref, pollIntervalMs })
    );
    if (outcome === null) return 0;
    await connection2.commit({ kind: "polled", outcome });
    return jittered(pollIntervalMs);
  } catch (error) {
    return await absorb(connection2, "poll", error) === "stale" ? STALE_RETRY_MS : jittered(pollIntervalMs);
  }
}
async function doChores(connection2, chores) {
  await untilCancelled(async () => {
    while (!connection2.leaving) {
      const due = connection2.nextChore(chores);
      const waitMs = due === null ? Infinity : due.at - Date.now();
      if (due !== null && waitMs <= 0) await doChore(connection2, due.chore);
      else await waitForChore(connection2, chores, waitMs);
    }
  });
}
async function waitForChore(connection2, chores, waitMs) {
  const dueAt2 = Date.now() + waitMs;
  const dueEarlier = () => (connection2.nextChore(chores)?.at ?? Infinity) < dueAt2;
  if (waitMs === Infinity) await condition4(() => connection2.leaving || dueEarlier());
  else await connection2.pauseFor(waitMs, dueEarlier);
}
async function doChore(connection2, chore) {
  try {
    const credentialId = await runChore(connection2, chore);
    if (!isCurrent(connection2.state, credentialId)) await connection2.pauseFor(STALE_RETRY_MS);
  } catch (error) {
    if (await absorb(connection2, chore, error) === "stale") await connection2.pauseFor(STALE_RETRY_MS);
  }
}
async function runChore(connection2, chore) {
  const { ref, activities } = connection2;
  switch (chore) {
    case "sites": {
      const outcome = await activities.routine.syncSites(ref);
      await connection2.commit({ kind: "sitesSynced", outcome });
      return outcome.credentialId;
    }
    case "licenseCounts": {
      const outcome = await activities.routine.recordLicenseCounts(ref);
      await connection2.commit({ kind: "licensesCounted", outcome });
      return outcome.credentialId;
    }
    case "tokenCheck": {
      const outcome = await activities.routine.checkToken(ref);
      await connection2.commit({ kind: "tokenChecked", outcome });
      return outcome.credentialId;
    }
    case "completeness": {
      const outcome = await activities.completeness.checkCompleteness(ref);
      await connection2.commit({ kind: "completenessChecked", outcome });
      return outcome.credentialId;
    }
    case "permissionRecheck": {
      const outcome = await activities.routine.checkPermissions(ref);
      await connection2.commit({ kind: "permissionsChecked", outcome });
      return outcome.credentialId;
    }
  }
}
async function absorb(connection2, of, error) {
  if (isCancellation3(error)) throw error;
  const failure = failureOf(error);
  const stale = isRejection(failure) && !isCurrent(connection2.state, failure.credentialId);
  if (stale) return "stale";
  if (failure.code === "internal") log4.error("activity failed", { of, error });
  if (failure.code === "connection_gone") {
    await connection2.commit({ kind: "disconnectRequested", cause: failure.code });
  } else {
    await connection2.commit({ kind: "failed", of, ...failure });
  }
  return "applied";
}
var jittered = (ms) => Math.round(ms * (1 - JITTER + 2 * JITTER * Math.random()));
async function untilCancelled(loop) {
  try {
    await loop();
  } catch (error) {
    if (!isCancellation3(error)) throw error;
  }
}

// workflows/connection.workflow.ts
var SITE_CHORES = ["sites", "licenseCounts"];
var TOKEN_CHORES = ["tokenCheck", "permissionRecheck"];
var COMPLETENESS_CHORES = ["completeness"];
async function connection(input) {
  const live = new LiveConnection(upToDate(input));
  registerHandlers(live);
  disconnectWhenCancelled(live);
  return CancellationScope5.nonCancellable(() => run(live, input));
}
async function run(live, input) {
  if (live.state.phase === "validating") {
    const refusedWith = await validate(live, input.notAfter);
    if (refusedWith !== null) return refuse(live, refusedWith);
  }
  if (live.collecting && live.state.backfillQueued) await live.startBackfill();
  await work(live, input);
  await condition5(allHandlersFinished);
  if (isLive(live.state)) return continueAsNew2(live.carry());
  return tearDown(live);
}
async function validate(live, notAfter) {
  if (isTooLate(notAfter)) return "command_expired";
  if (live.asksWhenAccepted && await wasTakenTooLate(live, notAfter)) return "command_expired";
  const verdict = await verdictOn(live);
  if (verdict.verdict === "refused") return verdict.code;
  await live.commit({ kind: "accepted", ...verdict });
  return null;
}
async function verdictOn(live) {
  try {
    const command2 = { ...live.ref, commandId: live.mintCommandId() };
    return await live.activities.validation.validateConnection(command2);
  } catch (error) {
    if (hasTimedOut(error)) return { verdict: "refused", code: "command_expired" };
    const { code } = failureOf(error);
    return { verdict: "refused", code: code === "internal" ? "s1.unavailable" : code };
  }
}
async function refuse(live, code) {
  const command2 = { ...live.ref, commandId: live.mintCommandId(), code };
  await live.recorded(() => live.activities.record.refuseConnection(command2));
  await live.commit({ kind: "refused", code });
  await emptyInbox(live);
  await condition5(allHandlersFinished);
  return { state: "refused", code };
}
async function work(live, input) {
  const scope = new CancellationScope5();
  const loops = scope.run(() => {
    const running = [collect(live), doChores(live, SITE_CHORES), doChores(live, TOKEN_CHORES), answerSignals(live)];
    if (comparesCounts(input)) running.push(doChores(live, COMPLETENESS_CHORES));
    return Promise.all(running);
  });
  await condition5(() => live.mustLeave);
  live.leaving = true;
  scope.cancel();
  await loops;
}
async function tearDown(live) {
  const command2 = { ...live.ref, commandId: live.mintCommandId() };
  await live.recorded(() => live.activities.record.tearDown(command2));
  await live.commit({ kind: "tornDown" });
  await emptyInbox(live);
  await condition5(allHandlersFinished);
  return { state: "disconnected" };
}
function disconnectWhenCancelled(live) {
  const disconnect3 = async () => {
    await condition5(() => live.state.phase !== "validating");
    await live.commit({ kind: "disconnectRequested", cause: "cancelled" });
  };
  void CancellationScope5.current().cancelRequested.catch(() => CancellationScope5.nonCancellable(disconnect3));
}

// workflows/freeze-statements.workflow.ts
import { proxyActivities as proxyActivities3 } from "@temporalio/workflow";
var { freezeStatements: freeze } = proxyActivities3({
  startToCloseTimeout: "30 minutes",
  heartbeatTimeout: "1 minute",
  // Three tries; after that the next hour's run is soon enough.
  retry: { initialInterval: "10 seconds", backoffCoefficient: 4, maximumAttempts: 3 },
  summary: "months that are over"
});
async function freezeStatements() {
  return freeze();
}

// workflows/maintenance.workflow.ts
import { proxyActivities as proxyActivities4 } from "@temporalio/workflow";
var { maintain } = proxyActivities4({
  startToCloseTimeout: "30 minutes",
  heartbeatTimeout: "1 minute",
  // Three tries; after that the next hour's run is soon enough.
  retry: { initialInterval: "10 seconds", backoffCoefficient: 4, maximumAttempts: 3 },
  summary: "partitions, retention, leftovers"
});
async function maintenance() {
  return maintain();
}
export {
  backfill,
  connection,
  freezeStatements,
  maintenance
};
