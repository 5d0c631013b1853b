// The permission checklist: what the collector needs in SentinelOne, why, and what is known about each line.
// A line is *missing* only on evidence: the call was refused, or the role lists that very permission as not granted.
// What is not listed is unknown, because which pages a role shows depends on the console's version and products.

export const PERMISSION_NAMES = [
  'Activity (View)',
  'Sites (View)',
  'Accounts (View)',
  'Endpoints (View)',
  'Console Integrations (View)',
  'Console Integrations (Edit)',
  'Console Integrations (Create)',
  'Notification Settings (View)',
  'Notification Settings (Edit)',
  'Notification Settings (Create)',
  'Users (View)',
  'Roles (View)',
] as const;

export type PermissionName = (typeof PERMISSION_NAMES)[number];

export type PermissionStatus = 'granted' | 'missing' | 'unknown';

interface PermissionRule {
  /** The role page's possible names, the most likely first; the second is the API's own word for it. */
  readonly pages: readonly string[];
  readonly title: 'View' | 'Edit' | 'Create';
  readonly required: boolean;
  readonly why: string;
}

const INTEGRATIONS = ['Console Integrations', 'Integrations'];
const NOTIFICATIONS = ['Notification Settings', 'Notifications'];

export const PERMISSIONS: Readonly<Record<PermissionName, PermissionRule>> = {
  'Activity (View)': {
    pages: ['Activity', 'Activity Page'],
    title: 'View',
    required: true,
    why: 'Reads the alerts and audit events that this log source collects.',
  },
  'Sites (View)': {
    pages: ['Sites'],
    title: 'View',
    required: true,
    why: 'Lists the sites to map to organizations, and their license counts.',
  },
  'Accounts (View)': {
    pages: ['Accounts'],
    title: 'View',
    required: true,
    why: 'Confirms that the token belongs to exactly one SentinelOne account.',
  },
  'Endpoints (View)': {
    pages: ['Endpoints'],
    title: 'View',
    required: true,
    why: 'Finds the site of an endpoint when an activity names only the endpoint.',
  },
  'Console Integrations (View)': {
    pages: INTEGRATIONS,
    title: 'View',
    required: true,
    why: 'Checks whether syslog is already set up for the account.',
  },
  'Console Integrations (Edit)': {
    pages: INTEGRATIONS,
    title: 'Edit',
    required: true,
    why: 'Part of the role that the setup guide asks for; manages the log source settings.',
  },
  'Console Integrations (Create)': {
    pages: INTEGRATIONS,
    title: 'Create',
    required: true,
    why: 'Part of the role that the setup guide asks for; tests the log source settings.',
  },
  'Notification Settings (View)': {
    pages: NOTIFICATIONS,
    title: 'View',
    required: true,
    why: 'Reads which activities the account sends as notifications.',
  },
  'Notification Settings (Edit)': {
    pages: NOTIFICATIONS,
    title: 'Edit',
    required: true,
    why: 'Part of the role that the setup guide asks for; chooses which activities are sent.',
  },
  'Notification Settings (Create)': {
    pages: NOTIFICATIONS,
    title: 'Create',
    required: true,
    why: 'Part of the role that the setup guide asks for; adds notification settings.',
  },
  'Users (View)': {
    pages: ['Users'],
    title: 'View',
    required: false,
    why: 'Reads which role the token has, so that this list can be complete.',
  },
  'Roles (View)': {
    pages: ['Roles'],
    title: 'View',
    required: false,
    why: 'Reads what that role grants, so that this list can be complete.',
  },
};

/** A page of the role as `GET /rbac/role/{id}` lists it; `granted` is null where the console does not say. */
export interface RolePage {
  readonly name: string;
  readonly permissions: readonly { readonly title: string; readonly granted: boolean | null }[];
}

/**
 * 200 when the call that needs the permission was answered, 403 when it was refused. Left out: not tried, or undecided.
 */
export type PermissionEffects = Readonly<Partial<Record<PermissionName, 200 | 403>>>;

export interface PermissionEvidence {
  readonly effects: PermissionEffects;
  /** Null when the role could not be read. */
  readonly rolePages: readonly RolePage[] | null;
}

export interface PermissionCheck {
  readonly name: PermissionName;
  readonly why: string;
  readonly required: boolean;
  readonly status: PermissionStatus;
  readonly how: string;
}

/** The whole checklist in the order above. What a call showed outweighs what the role says. */
export function checkPermissions(evidence: PermissionEvidence): readonly PermissionCheck[] {
  return PERMISSION_NAMES.map((name) => {
    const { why, required } = PERMISSIONS[name];
    return { name, why, required, ...judge(name, evidence) };
  });
}

/** The required permissions that are missing on evidence: any of them refuses a new connection. */
export const missingPermissions = (checks: readonly PermissionCheck[]): readonly PermissionName[] =>
  checks.filter((check) => check.required && check.status === 'missing').map((check) => check.name);

function judge(
  name: PermissionName,
  { effects, rolePages }: PermissionEvidence,
): Pick<PermissionCheck, 'status' | 'how'> {
  const effect = effects[name];
  if (effect === 200) return { status: 'granted', how: 'SentinelOne answered the call that needs it.' };
  if (effect === 403) return { status: 'missing', how: 'SentinelOne refused the call that needs it.' };
  if (rolePages === null) return { status: 'unknown', how: 'The role of this token could not be read.' };
  const listed = listedValue(PERMISSIONS[name], rolePages);
  if (listed === null) return { status: 'unknown', how: 'The role of this token does not list it.' };
  return listed
    ? { status: 'granted', how: 'The role of this token lists it as granted.' }
    : { status: 'missing', how: 'The role of this token lists it as not granted.' };
}

/** The role's word on one permission, from the first page name that lists it; null when nothing or both is said. */
function listedValue(rule: PermissionRule, rolePages: readonly RolePage[]): boolean | null {
  for (const pageName of rule.pages) {
    const values = rolePages
      .filter((page) => sameWord(page.name, pageName))
      .flatMap((page) => page.permissions)
      .filter((permission) => sameWord(permission.title, rule.title) && permission.granted !== null)
      .map((permission) => permission.granted);
    const first = values[0];
    if (first === undefined) continue;
    return values.every((value) => value === first) ? first : null;
  }
  return null;
}

const sameWord = (left: string, right: string) => left.trim().toLowerCase() === right.toLowerCase();
