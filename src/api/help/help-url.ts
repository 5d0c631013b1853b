// Where the setup guide explains something, as an address of this api.

/** `anchor`: a heading of the guide, as help.controller.ts serves it. */
export const helpUrl = (anchor: string): string => `/help/setup-sentinelone#${anchor}`;
