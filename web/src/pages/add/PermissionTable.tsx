import { Table } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck, IconHelpCircle } from '@tabler/icons-react';
import type { Schema } from '../../api/client.js';
import { Panel } from '../../blocks/Panel.js';
import { color } from '../../theme/tokens.js';

export type Check = Schema['PermissionCheck'];

const LOOKS = {
  granted: { Icon: IconCircleCheck, token: 'good-text' },
  missing: { Icon: IconAlertCircle, token: 'bad-text' },
  unknown: { Icon: IconHelpCircle, token: 'text-2' },
} as const;

export function PermissionTable({ checks }: { readonly checks: readonly Check[] }) {
  if (checks.length === 0) return null;
  const missing = checks.filter(({ required, status }) => required && status === 'missing').length;
  return (
    <Panel title="Permissions" hint={missing === 0 ? 'none is missing' : `${missing} missing`}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Permission</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Why</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {checks.map(({ name, status, why, required }) => {
            const { Icon, token } = LOOKS[status];
            return (
              <Table.Tr key={name}>
                <Table.Td fw={500}>{name}</Table.Td>
                <Table.Td>
                  <span style={{ color: color(token), display: 'inline-flex', gap: 6, alignItems: 'center' }}>
                    <Icon size={16} stroke={1.75} aria-hidden />
                    {status}
                  </span>
                </Table.Td>
                <Table.Td c={color('text-3')}>
                  {!required && 'Optional. '}
                  {why}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
