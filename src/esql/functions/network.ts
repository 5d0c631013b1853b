// Functions of addresses.
import { literalValue } from '../plan/expression.js';
import { illegalArgument } from '../values/failure.js';
import { type AddressRange, ipBytes, parseCidr } from '../values/ip.js';
import { type FunctionDefinition, strict } from './definition.js';
import { gives, string } from './parameters.js';

const invalid = (block: string) => `'${block}' is not a block of addresses, as 10.0.0.0/8 is one`;

function range(block: string): AddressRange {
  const parsed = parseCidr(block);
  if (parsed === null) throw illegalArgument(invalid(block));
  return parsed;
}

export const NETWORK: readonly FunctionDefinition[] = [
  {
    kind: 'scalar',
    name: 'cidr_match',
    parameters: [{ name: 'ip', types: ['ip', 'null'], expects: 'ip' }, string('blockX')],
    variadic: true,
    summary: 'CIDR_MATCH(address, block, …): whether the address is in one of the blocks.',
    returns: gives('boolean'),
    check: ([, ...blocks]) => {
      const wrong = blocks.map(literalValue).find((each) => typeof each === 'string' && parseCidr(each) === null);
      return typeof wrong === 'string' ? invalid(wrong) : null;
    },
    prepare: ({ args: [, ...blocks] }) => {
      const constants = blocks.map(literalValue).map((each) => (typeof each === 'string' ? parseCidr(each) : null));
      return strict((address: string, ...each: string[]) => {
        const bytes = ipBytes(address);
        if (bytes === null) return null;
        return each.some((block, index) => {
          const { first, last } = constants[index] ?? range(block);
          return bytes >= first && bytes <= last;
        });
      });
    },
  },
];
