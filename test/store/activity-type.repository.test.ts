import { expect, test } from 'vitest';
import {
  activityTypesAgeHours,
  readTypeNames,
  saveActivityTypes,
} from '../../src/store/connections/activity-type.repository.js';
import { aConnection } from '../support/builders.js';
import { useStore } from './support/use-store.js';

const store = useStore();
const { as } = store;

test('names of activity types are kept as actions, the latest name of each', async () => {
  const connection = await aConnection(store.owner);
  const { connectionId } = connection;
  const age = () => as(connection, (tenant) => activityTypesAgeHours(tenant, connectionId));
  expect(await age()).toBeNull();
  await as(connection, (tenant) =>
    saveActivityTypes(tenant, connectionId, [
      { activityType: 1, name: 'Old' },
      { activityType: 1, name: 'New Threat' },
    ]),
  );
  await as(connection, (tenant) =>
    saveActivityTypes(tenant, connectionId, [{ activityType: 1, name: 'Newer Threat' }]),
  );
  expect(await as(connection, (tenant) => readTypeNames(tenant, connectionId))).toEqual(new Map([[1, 'newer-threat']]));
  expect(await age()).toBeLessThan(1);
});
