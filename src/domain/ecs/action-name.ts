// How `event.action` is made from the name that SentinelOne gives an activity type.

/** Official names by type, already as action names. */
export type TypeNames = ReadonlyMap<number, string>;

/** `Custom Rules - New Alert` → `custom-rules-new-alert`. Empty when the name has no letter or digit. */
export const actionName = (officialName: string): string =>
  officialName
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
