// AND, OR, NOT and the question whether there is a value: logic of three values, where null is "not known".
import { illegalArgument } from '../values/failure.js';
import { isList, type Value } from '../values/value.js';
import { type Evaluate, type FunctionDefinition, lazy, MULTIVALUE, strict, whole } from './definition.js';
import { any, boolean, gives } from './parameters.js';

/** `decisive` decides whatever the others are; without it, a null makes null. */
const junction = (name: string, decisive: boolean): FunctionDefinition => ({
  kind: 'scalar',
  name,
  parameters: [boolean('left'), boolean('right')],
  variadic: true,
  returns: gives('boolean'),
  prepare: (_, fail) =>
    lazy((args: readonly Evaluate[]) => (row) => {
      let result: Value = !decisive;
      for (const evaluate of args) {
        const value = evaluate(row);
        if (value === decisive) return decisive;
        if (isList(value)) fail(MULTIVALUE);
        if (typeof value !== 'boolean') result = null;
      }
      return result;
    }),
});

export const LOGIC: readonly FunctionDefinition[] = [
  junction('and', false),
  junction('or', true),
  {
    kind: 'scalar',
    name: 'not',
    parameters: [boolean('operand')],
    returns: gives('boolean'),
    prepare: () => strict((value: boolean) => !value),
  },
  {
    kind: 'scalar',
    name: 'is_null',
    parameters: [any('value')],
    returns: gives('boolean'),
    prepare: () => whole((value) => value === null),
  },
  {
    kind: 'scalar',
    name: 'is_not_null',
    parameters: [any('value')],
    returns: gives('boolean'),
    prepare: () => whole((value) => value !== null),
  },
  {
    kind: 'scalar',
    name: 'case',
    summary:
      'CASE(condition, value, …, else): the value of the first condition that is true, else the last one, or null.',
    parameters: [boolean('condition'), any('value')],
    variadic: true,
    // The resolver checks it, because conditions and values alternate.
    returns: gives('null'),
    prepare: (_, fail) =>
      lazy((args) => {
        const pairs = Math.floor(args.length / 2);
        const otherwise = args.length % 2 === 1 ? args.at(-1) : undefined;
        return (row) => {
          for (let pair = 0; pair < pairs; pair += 1) {
            const condition = args[pair * 2]?.(row) ?? null;
            if (isList(condition)) fail(illegalArgument('CASE expects a single-valued boolean'));
            if (condition === true) return args[pair * 2 + 1]?.(row) ?? null;
          }
          return otherwise?.(row) ?? null;
        };
      }),
  },
  {
    kind: 'scalar',
    name: 'coalesce',
    summary: 'COALESCE(value, …): the first that is not null.',
    parameters: [any('value')],
    variadic: true,
    returns: gives('null'),
    prepare: () =>
      lazy((args) => (row) => {
        for (const evaluate of args) {
          const value = evaluate(row);
          if (value !== null) return value;
        }
        return null;
      }),
  },
];
