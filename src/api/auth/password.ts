// Passwords are checked and hashed by Better Auth; how long they have to be is ours, in domain.
export { hashPassword } from 'better-auth/crypto';
