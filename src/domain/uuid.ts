// Ids of our own. PostgreSQL refuses a text that is none with an error that no retry can mend, so messages are asked
// first.

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Lower case only, as PostgreSQL writes them back: the two must compare equal as text. */
export const isUuid = (text: string): boolean => UUID.test(text);
