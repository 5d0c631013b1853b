// How long a password has to be, whoever sets it: a person at an invitation, or the operator in the environment.
export const MIN_PASSWORD_CHARACTERS = 12;
export const MAX_PASSWORD_CHARACTERS = 128;
