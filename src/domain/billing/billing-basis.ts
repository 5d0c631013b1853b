// Which of a month's daily license counts a statement bills: the last day's, the highest, or the mean.
export const BILLING_BASES = ['closing', 'peak', 'average'] as const;
export type BillingBasis = (typeof BILLING_BASES)[number];
