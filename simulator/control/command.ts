// A command of the control: a schema and what it does. The same table serves the methods of a test in this process and
// `POST /control/<command>` of another.
import type { z } from 'zod';

type Arguments<Input> = undefined extends Input ? [input?: Input] : [input: Input];

export interface Command<Schema extends z.ZodType, Output> {
  readonly call: (...args: Arguments<z.input<Schema>>) => Output;
  /** The same for a body from outside: throws a ZodError when it does not fit. */
  readonly callUnknown: (input: unknown) => Output;
}

export function command<Schema extends z.ZodType, Output>(
  schema: Schema,
  run: (input: z.output<Schema>) => Output,
): Command<Schema, Output> {
  return {
    call: (...args) => run(schema.parse(args[0])),
    callUnknown: (input) => run(schema.parse(input)),
  };
}

export type Methods<Table extends Record<string, { readonly call: unknown }>> = {
  readonly [Name in keyof Table]: Table[Name]['call'];
};

/** A command that names something the console does not have. */
export class ControlError extends Error {}

export function known<T>(what: string, value: T | undefined | null): T {
  if (value === undefined || value === null) throw new ControlError(`unknown ${what}`);
  return value;
}
