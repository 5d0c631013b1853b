// SentinelOne's ids are decimal numbers. A request that names one thing that is no such number is refused as a whole, so
// what an odd row called an id must not be asked about: one bad row would stop everything that waits behind it.

const ID = /^\d{1,20}$/;

export const isSentinelOneId = (text: string): boolean => ID.test(text);
