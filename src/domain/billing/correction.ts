// A correction: the statement computed again, with what differs from the revision that it replaces.
import { compareText } from './facts.js';
import type { Difference, StatementContent } from './statement.js';

export function corrected(
  before: { readonly revision: number; readonly content: StatementContent },
  after: StatementContent,
  reason: string,
): StatementContent {
  const { revision, content } = before;
  const differences = differencesOf(content, after);
  return { ...after, correction: { supersedes: revision, reason, totalBefore: content.total, differences } };
}

/** Organizations whose number changed, by name; one that has no line any more goes to 0. */
export function differencesOf(before: StatementContent, after: StatementContent): Difference[] {
  const differences = new Map<string, Difference>();
  for (const { organizationId, organizationName, sources } of before.organizations) {
    differences.set(organizationId, { organizationId, organizationName, before: sources, after: 0 });
  }
  for (const { organizationId, organizationName, sources } of after.organizations) {
    const known = differences.get(organizationId);
    differences.set(organizationId, { organizationId, organizationName, before: known?.before ?? 0, after: sources });
  }
  return [...differences.values()]
    .filter((difference) => difference.before !== difference.after)
    .sort(
      (a, b) => compareText(a.organizationName, b.organizationName) || compareText(a.organizationId, b.organizationId),
    );
}
