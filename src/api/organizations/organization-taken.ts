// A name or a key that another living organization has, said by the database, which alone can know it of requests at once.
import { Problem } from '../../domain/failures/problem.js';
import { isUniqueViolation } from '../../store/pg-errors.js';

export function rethrowTaken(error: unknown): never {
  if (isUniqueViolation(error, 'organizations_name')) {
    throw new Problem('name_taken', 'name: another organization has it already', { cause: error });
  }
  if (isUniqueViolation(error, 'organizations_external_key')) {
    throw new Problem('external_key_taken', 'externalKey: another organization has it already', { cause: error });
  }
  throw error;
}
