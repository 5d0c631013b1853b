// Signing in and out, console users, roles, service users and API tokens.
import { bareNumber, type Json, type JsonObject } from '../http/json.js';
import { type ActivityKind, addressOf, type KindContext, type KindScope, levelOf } from './kind.js';

const signIn = (context: KindContext, ipAddress = addressOf(context.random)): JsonObject => ({
  ipAddress,
  role: context.user.role,
  source: context.random.chance(0.3) ? 'sso_saml' : 'mgmt',
  userScope: levelOf(context),
  username: context.user.fullName,
});

const login = (scope: KindScope, weight: number): ActivityKind => ({
  type: 27,
  action: 'User Logged In',
  template: 'The management user {{ username }} logged in to the management console with IP Address {{ ip_address }}.',
  scope,
  weight,
  byUser: true,
  render: (context) => {
    const address = addressOf(context.random);
    return {
      primary: `The management user ${context.user.fullName} logged in to the management console with IP Address ${address}.`,
      data: signIn(context, address),
    };
  },
});

const logout = (scope: KindScope, weight: number): ActivityKind => ({
  type: 33,
  action: 'User Logged Out',
  template: 'The management user {{ username }} logged out of the management console.',
  scope,
  weight,
  byUser: true,
  render: (context) => {
    const address = addressOf(context.random);
    return {
      primary: `The management user ${context.user.fullName} logged out of the management console with IP Address ${address}.`,
      data: signIn(context, address),
    };
  },
});

/** Something a user did to a named thing of the console's own administration. */
function administered(kind: {
  readonly type: number;
  readonly action: string;
  readonly did: string;
  readonly thing: (context: KindContext) => { readonly name: string; readonly data: JsonObject };
  readonly weight?: number;
}): ActivityKind {
  return {
    type: kind.type,
    action: kind.action,
    template: `The management user {{ username }} ${kind.did} {{ name }}.`,
    scope: 'account',
    weight: kind.weight ?? 1,
    byUser: true,
    render: (context) => {
      const { name, data } = kind.thing(context);
      return {
        primary: `The management user ${context.user.fullName} ${kind.did} ${name}.`,
        data: { byUser: context.user.fullName, realUser: null, sourceType: 'UI', ...data },
      };
    },
  };
}

const NEW_PEOPLE = ['Priya Nair', 'Tom Becker', 'Zoë Laurent', 'Mehmet Yıldız'] as const;
const person = (role: (context: KindContext) => Json) => (context: KindContext) => {
  const name = context.random.pick(NEW_PEOPLE);
  return { name, data: { username: name, userScope: levelOf(context), role: role(context) } };
};
const SERVICE_USERS = ['siem-collector', 'backup-report', 'ticket-sync'] as const;
const serviceUser = (context: KindContext) => {
  const name = context.random.pick(SERVICE_USERS);
  return { name, data: { serviceUserName: name, role: 'Viewer', expiration: '2027-01-01T00:00:00Z' } };
};
const ROLE_NAMES = ['SIEM Integration', 'Helpdesk', 'Auditor (EU)'] as const;
const role = (context: KindContext) => {
  const name = context.random.pick(ROLE_NAMES);
  return { name, data: { roleName: name, newValue: context.random.chance(0.5) ? true : 'Activity Page.view' } };
};
const token = (context: KindContext) => ({
  name: context.user.fullName,
  data: { username: context.user.fullName, userId: bareNumber(context.user.id), userScope: levelOf(context) },
});

export const IDENTITY_KINDS: readonly ActivityKind[] = [
  login('account', 30),
  login('site', 6),
  logout('account', 22),
  logout('site', 4),
  {
    type: 133,
    action: 'Existing User Login Failure',
    template: 'The management user {{ username }} failed to log in to the management console with IP Address {{ ip }}.',
    scope: 'account',
    weight: 8,
    byUser: true,
    render: (context) => {
      const data = { ...signIn(context), reason: 'Wrong password', attempts: 1 + context.random.int(5) };
      return {
        primary: `The management user ${context.user.fullName} failed to log in to the management console.`,
        data,
      };
    },
  },
  {
    type: 134,
    action: 'Unknown User Login',
    template: 'An unknown user {{ username }} failed to log in to the management console.',
    scope: 'account',
    weight: 5,
    render: (context) => {
      const username = context.random.pick([
        'administrator',
        'root@localhost',
        'postmaster@example.org',
        "x' OR 1=1--",
      ]);
      const address = addressOf(context.random);
      return {
        primary: `Unknown user ${username} failed to log in to the management console with IP Address ${address}.`,
        data: { ipAddress: address, reason: 'User does not exist', source: 'mgmt', username },
      };
    },
  },
  administered({
    type: 23,
    action: 'User Added',
    did: 'added user',
    thing: person((c) => c.random.pick(['Viewer', 'Admin'])),
  }),
  administered({ type: 24, action: 'User Modified', did: 'modified user', thing: person(() => 'SOC') }),
  administered({ type: 25, action: 'User Deleted', did: 'deleted user', thing: person(() => null) }),
  administered({ type: 37, action: 'User Modified', did: 'changed the role of', thing: person(() => 'Admin') }),
  administered({ type: 107, action: 'User Created RBAC Role', did: 'created the role', thing: role }),
  administered({ type: 108, action: 'User Edited RBAC Role', did: 'edited the role', thing: role }),
  administered({ type: 109, action: 'User Deleted RBAC Role', did: 'deleted the role', thing: role }),
  administered({
    type: 110,
    action: 'Enable API Token Generation',
    did: 'enabled API token generation for',
    thing: token,
  }),
  administered({
    type: 111,
    action: 'Disable API Token Generation',
    did: 'disabled API token generation for',
    thing: token,
  }),
  administered({ type: 112, action: 'API Token Generated', did: 'generated an API token for', thing: token }),
  administered({ type: 113, action: 'API Token Revoked', did: 'revoked the API token of', thing: token }),
  administered({ type: 140, action: 'Service User Creation', did: 'created the service user', thing: serviceUser }),
  administered({
    type: 141,
    action: 'Service User Modification',
    did: 'modified the service user',
    thing: serviceUser,
  }),
  administered({ type: 142, action: 'Service User Deletion', did: 'deleted the service user', thing: serviceUser }),
];
