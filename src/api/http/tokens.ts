// What Nest's injector knows the process's parts by.
export const LOG = Symbol('log');
export const DATABASE = Symbol('database');
