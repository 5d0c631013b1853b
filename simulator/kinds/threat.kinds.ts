// Threats, what became of them, and alerts from detection rules. Follow-up rows speak about a threat of an earlier row:
// they carry the same threatId and the same file.
import { bareNumber, type JsonObject } from '../http/json.js';
import { type ActivityKind, computerOf, type KindContext, type KindText, scopeIdOf } from './kind.js';

const threatData = (context: KindContext): JsonObject => ({
  computerName: computerOf(context),
  confidenceLevel: context.threat?.confidence ?? null,
  externalIp: context.agent?.externalIp ?? null,
  externalServiceId: null,
  fileContentHash: context.threat?.sha1 ?? null,
  fileDisplayName: context.threat?.fileName ?? null,
  filePath: context.threat?.filePath ?? null,
  osFamily: context.agent?.osType ?? null,
  threatClassification: context.threat?.classification ?? null,
  threatClassificationSource: 'Static',
  username: null,
});

const detected = (threat: {
  readonly type: number;
  readonly action: string;
  readonly says: string;
  readonly weight: number;
}): ActivityKind => ({
  type: threat.type,
  action: threat.action,
  template: `${threat.says}: {{ file_display_name }}.`,
  scope: 'agent',
  weight: threat.weight,
  threat: 'new',
  render: (context) => ({
    primary: `${threat.says}: ${context.threat?.fileName ?? 'file'}.`,
    secondary: context.threat?.filePath ?? '',
    data: threatData(context),
  }),
});

const mitigated = (step: {
  readonly type: number;
  readonly action: string;
  readonly did: string;
  readonly status: string;
}): ActivityKind => ({
  type: step.type,
  action: step.action,
  template: `The agent {{ computer_name }} ${step.did} {{ file_display_name }}.`,
  scope: 'agent',
  weight: 5,
  threat: 'follow-up',
  render: (context) => ({
    primary: `The agent ${computerOf(context)} ${step.did} ${context.threat?.fileName ?? 'the threat'}.`,
    secondary: context.threat?.filePath ?? '',
    data: { ...threatData(context), globalStatus: step.status },
  }),
});

const judged = (change: {
  readonly type: number;
  readonly action: string;
  readonly what: string;
  readonly values: readonly [string, ...string[]];
  readonly comments?: string;
}): ActivityKind => ({
  type: change.type,
  action: change.action,
  template: `The management user {{ username }} changed the ${change.what} of {{ file_display_name }} from {{ old }} to {{ new }}.`,
  scope: 'agent',
  weight: 6,
  byUser: true,
  threat: 'follow-up',
  render: (context): KindText => {
    const newStatus = context.random.pick(change.values);
    const file = context.threat?.fileName ?? 'the threat';
    return {
      primary: `The management user ${context.user.fullName} changed the ${change.what} of ${file} from ${change.values[0]} to ${newStatus}.`,
      secondary: context.threat?.filePath ?? '',
      ...(change.comments === undefined ? {} : { comments: change.comments }),
      data: {
        ...threatData(context),
        username: context.user.fullName,
        oldStatus: change.values[0],
        newStatus,
        oldValue: change.values[0],
        newValue: newStatus,
        sourceType: context.random.chance(0.2) ? 'API' : 'UI',
      },
    };
  },
});

const alert = (kind: { readonly type: number; readonly action: string; readonly from: string }): ActivityKind => ({
  type: kind.type,
  action: kind.action,
  template: `Alert created for {{ rule_name }} from ${kind.from} on {{ computer_name }}.`,
  scope: 'agent',
  weight: 6,
  rule: true,
  render: (context) => ({
    primary: `Alert created for ${context.rule.name} from ${kind.from} in ${context.scopeDetails}, detected on ${computerOf(context)}.`,
    data: {
      alertId: bareNumber(context.alertId),
      computerName: computerOf(context),
      detectedAt: context.createdAtMicros / 1000 - context.random.int(90_000),
      dnsRequest: '',
      dstIp: '',
      dstPort: 0,
      externalIp: context.agent?.externalIp ?? null,
      externalServiceId: null,
      indicatorCategory: '',
      k8sClusterName: '',
      loginIsSuccessful: '',
      loginsUserName: context.agent?.lastUser ?? '',
      modulePath: '',
      origAgentMachineType: context.agent?.machineType ?? null,
      origAgentName: computerOf(context),
      origAgentOsFamily: context.agent?.osType ?? null,
      origAgentVersion: context.agent?.agentVersion ?? null,
      ruleDescription: `Fires when ${context.rule.name.toLowerCase()} is seen.`,
      ruleId: bareNumber(context.rule.id),
      ruleName: context.rule.name,
      ruleScopeId: scopeIdOf(context),
      ruleScopeLevel: 'E_ACCOUNT',
      severity: context.rule.severity,
      sourceParentProcessCommandLine: 'C:\\Windows\\System32\\cmd.exe /c "powershell -enc SQBFAFgA"',
      sourceProcessFilePath: 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe',
      sourceProcessName: 'powershell.exe',
      sourceProcessPid: 1000 + context.random.int(60_000),
      sourceProcessStartTime: context.createdAtMicros / 1000 - 95_000,
    },
  }),
});

export const THREAT_KINDS: readonly ActivityKind[] = [
  detected({
    type: 18,
    action: 'New Threat Mitigated',
    says: 'Threat with confidence level malicious mitigated',
    weight: 8,
  }),
  detected({
    type: 19,
    action: 'New Malicious Threat Not Mitigated',
    says: 'Threat with confidence level malicious detected',
    weight: 8,
  }),
  detected({
    type: 20,
    action: 'New Threat Preemptive Block',
    says: 'Threat with confidence level malicious mitigated preemptively',
    weight: 4,
  }),
  detected({
    type: 4003,
    action: 'New Suspicious Threat Not Mitigated',
    says: 'Threat with confidence level suspicious detected',
    weight: 5,
  }),
  mitigated({ type: 2001, action: 'Threat Killed', did: 'successfully killed', status: 'success' }),
  mitigated({ type: 2004, action: 'Threat Quarantined', did: 'successfully quarantined', status: 'success' }),
  mitigated({ type: 2009, action: 'Quarantine Failed', did: 'failed to quarantine', status: 'failed' }),
  judged({
    type: 2028,
    action: 'Threat Incident Status Changed',
    what: 'incident status',
    values: ['Unresolved', 'In progress', 'Resolved'],
  }),
  judged({
    type: 2030,
    action: 'Analyst Verdict Changes',
    what: 'analyst verdict',
    values: ['Undefined', 'True positive', 'False positive', 'Suspicious'],
  }),
  judged({
    type: 4008,
    action: 'Threat Mitigation Status Changed',
    what: 'mitigation status',
    values: ['Not mitigated', 'Mitigated'],
    comments: 'True',
  }),
  alert({ type: 3608, action: 'Custom Rules - New Alert', from: 'Custom Rule' }),
  alert({ type: 3784, action: 'Platform Rules - New Alert', from: 'Platform Rule' }),
];
