// The parameters that many functions have.
import type { DataType } from '../values/data-type.js';
import type { Parameter } from './definition.js';

const STRINGS: readonly DataType[] = ['keyword', 'text', 'null'];
const NUMBERS: readonly DataType[] = ['integer', 'long', 'double', 'null'];
export const VALUES: readonly DataType[] = [
  'boolean',
  'date',
  'double',
  'integer',
  'ip',
  'keyword',
  'long',
  'text',
  'null',
];

type More = Partial<Pick<Parameter, 'optional' | 'constant'>>;

export const string = (name: string, more: More = {}): Parameter => ({
  name,
  types: STRINGS,
  expects: 'string',
  ...more,
});
export const numeric = (name: string, more: More = {}): Parameter => ({
  name,
  types: NUMBERS,
  expects: 'numeric',
  ...more,
});
export const whole = (name: string, more: More = {}): Parameter => ({
  name,
  types: ['integer', 'long', 'null'],
  expects: 'integer',
  ...more,
});
export const date = (name: string, more: More = {}): Parameter => ({
  name,
  types: ['date', 'null'],
  expects: 'datetime',
  ...more,
});
export const boolean = (name: string): Parameter => ({ name, types: ['boolean', 'null'], expects: 'boolean' });
export const any = (name: string, more: More = {}): Parameter => ({
  name,
  types: VALUES,
  expects: 'any type except counter types',
  ...more,
});
export const interval = (name: string): Parameter => ({
  name,
  types: ['date_period', 'time_duration'],
  expects: 'dateperiod or timeduration',
  constant: true,
});

/** Text has no type of its own in results of functions. */
export const keepType = ([type = 'null']: readonly DataType[]): DataType => (type === 'text' ? 'keyword' : type);
export const gives = (type: DataType) => (): DataType => type;
