/** The address of the same database, as `role:password`. */
export function withLogin(databaseUrl: string, login: string): string {
  const url = new URL(databaseUrl);
  [url.username = '', url.password = ''] = login.split(':');
  return url.href;
}
