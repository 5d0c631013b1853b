// IANA time zones, as this build's ICU data and therefore its arithmetic know them.

/** Names of places only: an offset such as `+02:00` has no summer time, which is what an account's zone is for. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
