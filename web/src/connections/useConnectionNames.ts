import { useInfiniteQuery } from '@tanstack/react-query';
import { connectionsQuery } from '../api/queries.js';
import { useMay } from '../app/useMe.js';

/** Names by id, as far as the list was read; nobody's name for who may not see connections. */
export function useConnectionNames(): (id: string | null) => string | undefined {
  const { data } = useInfiniteQuery({ ...connectionsQuery, enabled: useMay('seeConnections') });
  const connections = data?.pages.flatMap((page) => page.items) ?? [];
  return (id) => connections.find((each) => each.id === id)?.name;
}
