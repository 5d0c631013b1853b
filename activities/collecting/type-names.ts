// The console's own names of activity types, read when the first row needs one: most polls bring none, and a console
// has hundreds.
import type { TypeNames } from '../../src/domain/ecs/activity-types.js';
import { readTypeNames } from '../../src/store/connections/activity-type.repository.js';
import { withTenant } from '../../src/store/tenant.js';
import type { ConnectionRef } from '../contract.js';
import type { Deps } from '../deps.js';

export type ReadTypeNames = () => Promise<TypeNames>;

/** Reads them once, however often it is called. */
export function typeNamesOf({ database }: Deps, { accountId, connectionId }: ConnectionRef): ReadTypeNames {
  let names: Promise<TypeNames> | undefined;
  return () => (names ??= withTenant(database, accountId, 'all', (tenant) => readTypeNames(tenant, connectionId)));
}
