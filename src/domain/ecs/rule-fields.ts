// The rule behind an alert or a block. SentinelOne writes the keys in any case: `ruleId` for firewall and device
// control, `ruleid` for custom rules, both at once in some.

import { type Cleaning, text } from './field-values.js';
import type { ActivityData } from './read-activity.js';

export interface RuleFields {
  readonly id: string | null;
  readonly name: string | null;
  readonly description: string | null;
}

const NO_RULE: RuleFields = { id: null, name: null, description: null };
// What device control writes when no rule decided.
const NO_RULE_ID = '-1';

/** The camel-case keys win; only when one is missing are the others looked at. */
export function ruleFields(data: ActivityData, cleaning: Cleaning): RuleFields {
  const id = text(data.ruleId, cleaning);
  const name = text(data.ruleName, cleaning);
  const description = text(data.ruleDescription, cleaning);
  const found = id !== null && name !== null && description !== null ? NO_RULE : inAnyCase(data, cleaning);
  const ruleId = id ?? found.id;
  return {
    id: ruleId === NO_RULE_ID ? null : ruleId,
    name: name ?? found.name,
    description: description ?? found.description,
  };
}

function inAnyCase(data: ActivityData, cleaning: Cleaning): RuleFields {
  let found = NO_RULE;
  for (const key in data) {
    if (!startsWithR(key) || (key.length !== 6 && key.length !== 8 && key.length !== 15)) continue;
    const value = text(data[key], cleaning);
    if (value === null) continue;
    const lower = key.toLowerCase();
    if (lower === 'ruleid') found = { ...found, id: value };
    if (lower === 'rulename') found = { ...found, name: value };
    if (lower === 'ruledescription') found = { ...found, description: value };
  }
  return found;
}

// Most keys of most activities are ruled out by this one comparison.
const startsWithR = (key: string) => (key.charCodeAt(0) | 0x20) === 0x72;
