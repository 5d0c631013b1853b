// The parts of a row's text that follow from its scope. They are made once for each account, site and group, because
// thousands of rows share them.
import { writeJson } from '../http/json.js';
import { type Account, type Group, nameOf, type Site } from '../world/world.js';

export interface ScopeText {
  /** `"accountId":…` to `"groupName":…` of the row itself. */
  readonly envelope: string;
  /** The scope's keys at the beginning of `data`, without braces. */
  readonly data: string;
  readonly name: string;
  readonly details: string;
  readonly siteName: string | null;
}

export interface RowScope {
  readonly account: Account | null;
  readonly site: Site | null;
  readonly group: Group | null;
}

export class ScopeTexts {
  private readonly made = new Map<string, ScopeText>();

  /** The text for a row of that time: with the site's name of then, and the account's of today. */
  of(scope: RowScope, atMicros: number): ScopeText {
    const siteName = scope.site === null ? null : nameOf(scope.site, atMicros);
    const key = `${scope.account?.index ?? ''}/${scope.account?.name ?? ''}/${scope.site?.index ?? ''}/${scope.group?.id ?? ''}/${siteName ?? ''}`;
    let text = this.made.get(key);
    if (text === undefined) this.made.set(key, (text = makeText(scope, siteName)));
    return text;
  }
}

function makeText({ account, site, group }: RowScope, siteName: string | null): ScopeText {
  const accountName = account?.name ?? null;
  const groupName = group?.name ?? null;
  const inAccount = accountName === null ? 'Global' : `Account ${accountName}`;
  const inSite = siteName === null ? inAccount : `Site ${siteName} of ${inAccount}`;
  const details = groupName === null ? inSite : `Group ${groupName} in ${inSite}`;
  const level = groupName !== null ? 'Group' : siteName !== null ? 'Site' : accountName !== null ? 'Account' : 'Global';
  const name = groupName ?? siteName ?? accountName ?? 'Global';
  const envelope = {
    accountId: account?.id ?? null,
    accountName,
    siteId: site?.id ?? null,
    siteName,
    groupId: group?.id ?? null,
    groupName,
  };
  const data = {
    accountName,
    siteName,
    groupName,
    fullScopeDetails: details,
    fullScopeDetailsPath: ['Global', accountName, siteName, groupName].filter((part) => part !== null).join(' / '),
    scopeLevel: level,
    scopeName: name,
  };
  return {
    envelope: withoutBraces(writeJson(envelope)),
    data: withoutBraces(writeJson(data)),
    name,
    details,
    siteName,
  };
}

export const withoutBraces = (json: string): string => json.slice(1, -1);
