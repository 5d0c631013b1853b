// Where Better Auth is mounted; by itself, so that whoever only names it need not load the library.
export const SIGN_IN_PATH = '/v1/auth';
