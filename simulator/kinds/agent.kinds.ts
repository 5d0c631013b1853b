// The life of an agent, and what it reports: groups, devices, the firewall, scans. Some are internal and hidden, and
// some name the agent but no site.
import { bareNumber, type JsonObject } from '../http/json.js';
import { writeInstant } from '../world/instants.js';
import { type ActivityKind, computerOf, type KindContext, type KindScope, scopeIdOf } from './kind.js';

interface AgentKind {
  readonly type: number;
  readonly action: string;
  readonly says: string;
  readonly weight: number;
  readonly scope?: KindScope;
  readonly hidden?: boolean;
  readonly byUser?: boolean;
  readonly data?: (context: KindContext) => JsonObject;
}

/** A sentence about the computer, `$` standing for its name and `@` for the console user. */
const about = (kind: AgentKind): ActivityKind => ({
  type: kind.type,
  action: kind.action,
  template: kind.says.replace('$', '{{ computer_name }}').replace('@', '{{ username }}'),
  scope: kind.scope ?? 'agent',
  weight: kind.weight,
  hidden: kind.hidden ?? false,
  byUser: kind.byUser ?? false,
  render: (context) => ({
    primary: kind.says.replace('$', () => computerOf(context)).replace('@', () => context.user.fullName),
    ...(kind.type === 43 ? { agentUpdatedVersion: context.agent?.agentVersion ?? '25.1.1.134' } : {}),
    data: {
      computerName: computerOf(context),
      externalServiceId: null,
      ...(kind.byUser === true ? { username: context.user.fullName, byUser: context.user.fullName } : {}),
      ...kind.data?.(context),
    },
  }),
});

/** What happened on the endpoint reaches the console seconds to minutes later, and only then gets its createdAt. */
const eventTime = (context: KindContext) => writeInstant(context.createdAtMicros - context.random.int(180_000_000));

const device = (context: KindContext): JsonObject => ({
  deviceClass: '08h',
  deviceInformationServiceInfoKey: null,
  deviceName: context.random.pick([
    'USB Flash Disk',
    'Kingston DataTraveler',
    'Galaxy S23 von Jörg',
    'Logitech Unifying',
  ]),
  eventId: `{${context.random.hex(8)}-${context.random.hex(4)}-11ef-${context.random.hex(4)}-${context.random.hex(12)}}`,
  eventTime: eventTime(context),
  eventType: context.random.chance(0.5) ? 'connected' : 'disconnected',
  interface: context.random.chance(0.8) ? 'USB' : 'Bluetooth',
  lastLoggedInUserName: context.agent?.lastUser ?? null,
  lmpVersion: 'N/A',
  minorClass: 'N/A',
  osType: context.agent?.osType ?? null,
  productId: context.random.hex(4),
  profileUuids: 'N/A',
  ruleId: bareNumber(`190000000000000012${context.random.int(9)}`),
  ruleName: null,
  ruleType: 'productId',
  uid: context.random.hex(16),
  vendorId: context.random.hex(4),
  version: 'N/A',
});

const blocked = (context: KindContext): JsonObject => ({
  action: 'Block',
  application: 'C:\\Program Files\\Torrent\\client.exe',
  applicationType: 'any',
  createdByUsername: context.user.fullName,
  direction: context.random.chance(0.7) ? 'outbound' : 'inbound',
  durationOfMeasurement: 60,
  localHost: context.agent?.localIp ?? null,
  localPort: 49152 + context.random.int(16_000),
  locationNames: [],
  numberOfEvents: 1 + context.random.int(40),
  order: 7,
  osTypes: ['windows'],
  processId: 4 + context.random.int(30_000),
  processName: 'client.exe',
  protocol: '6',
  remoteHost: `198.51.100.${context.random.int(255)}`,
  remotePort: context.random.pick([25, 445, 6881, 8443]),
  reportedDirection: 'outbound',
  ruleDescription: 'Peer to peer is not allowed',
  ruleId: bareNumber('1800000000000000457'),
  ruleName: 'Block P2P',
  ruleScopeId: scopeIdOf(context),
  ruleScopeLevel: 'site',
  status: 'Enabled',
  tagNames: ['p2p', 'büro'],
});

const scan = (status: string) => (context: KindContext) => ({
  status,
  uuid: context.agent?.uuid ?? null,
  system: true,
  createdAt: eventTime(context),
});

export const AGENT_KINDS: readonly ActivityKind[] = [
  about({
    type: 17,
    action: 'Agent Subscribed',
    says: '$ subscribed and joined the group.',
    weight: 3,
    data: (c) => ({ optionalGroups: [], uuid: c.agent?.uuid ?? null }),
  }),
  about({ type: 43, action: 'Agent Updated', says: 'Agent $ was updated.', weight: 4 }),
  about({ type: 43, action: 'Agent Updated', says: 'Agent $ was updated.', weight: 2, scope: 'agent-only' }),
  about({ type: 47, action: 'Agent Decommissioned', says: 'Agent $ automatically decommissioned.', weight: 2 }),
  about({ type: 48, action: 'Agent Recommissioned', says: 'Agent $ recommissioned.', weight: 1 }),
  about({
    type: 51,
    action: 'Agent Uninstalled',
    says: 'Agent $ was uninstalled.',
    weight: 1,
    data: (c) => ({ uuid: c.agent?.uuid ?? null }),
  }),
  about({
    type: 54,
    action: 'User Decommissioned Agent',
    says: 'The management user @ decommissioned agent $.',
    weight: 1,
    byUser: true,
  }),
  about({
    type: 61,
    action: 'User Disconnected Agent From Network',
    says: 'The management user @ issued a disconnect from network command to $.',
    weight: 2,
    byUser: true,
  }),
  about({
    type: 62,
    action: 'User Reconnected Agent To Network',
    says: 'The management user @ issued a reconnect to network command to $.',
    weight: 2,
    byUser: true,
  }),
  about({
    type: 71,
    action: 'Scan Initiated',
    says: 'System initiated a full disk scan to the agent: $.',
    weight: 5,
    data: scan('started'),
  }),
  about({
    type: 90,
    action: 'Agent Started Scan',
    says: 'Agent $ started full disk scan.',
    weight: 5,
    data: scan('started'),
  }),
  about({
    type: 92,
    action: 'Agent Finished Scan',
    says: 'Agent $ completed full disk scan.',
    weight: 5,
    data: scan('finished'),
  }),
  about({
    type: 95,
    action: 'User Moved Agent To Group',
    says: 'The management user @ moved $ to another group.',
    weight: 2,
    byUser: true,
    data: (c) => ({ newGroupId: scopeIdOf(c), newGroupName: c.group?.name ?? null }),
  }),
  about({
    type: 120,
    action: 'Agent Enabled',
    says: 'Agent $ was enabled due to time expiration.',
    weight: 2,
    scope: 'agent-only',
  }),
  about({ type: 1001, action: 'Network Quarantine', says: 'Agent $ was disconnected from the network.', weight: 2 }),
  about({
    type: 3200,
    action: 'Remote Shell Initiated',
    says: 'The management user @ initiated a remote shell session with $.',
    weight: 1,
    byUser: true,
  }),
  about({
    type: 5009,
    action: 'Agent Moved Dynamically',
    says: 'The agent $ moved dynamically to another group.',
    weight: 6,
    data: (c) => ({
      oldGroupId: bareNumber('1300000000000000001'),
      oldGroupName: 'Default Group',
      newGroupId: scopeIdOf(c),
      newGroupName: c.group?.name ?? null,
    }),
  }),
  about({ type: 5126, action: 'Device Control', says: 'A device event was reported by $.', weight: 14, data: device }),
  about({
    type: 5232,
    action: 'Firewall Control',
    says: 'Firewall Control blocked traffic on the endpoint $.',
    weight: 10,
    data: blocked,
  }),
  about({
    type: 64,
    action: 'Agent Internal State',
    says: 'Internal state of $ was recorded.',
    weight: 3,
    hidden: true,
  }),
  about({
    type: 66,
    action: 'Agent Keep Alive Recorded',
    says: 'A keep alive of $ was recorded.',
    weight: 2,
    hidden: true,
    scope: 'agent-only',
  }),
];
