import {
  IconAlertCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconHistory,
  IconHourglass,
  IconPlayerPause,
  type IconProps,
  IconRefreshAlert,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Status } from '../connections/status.js';
import { color, type ColorToken } from '../theme/tokens.js';
import classes from './StatusWord.module.css';

/** Never a colour alone: each has its icon and its word. */
const LOOKS: Readonly<Record<Status, { readonly Icon: ComponentType<IconProps>; readonly token: ColorToken }>> = {
  Paused: { Icon: IconPlayerPause, token: 'text-2' },
  'Action needed': { Icon: IconAlertCircle, token: 'bad-text' },
  Failing: { Icon: IconRefreshAlert, token: 'warn-text' },
  Delayed: { Icon: IconHourglass, token: 'warn-text' },
  Backfilling: { Icon: IconHistory, token: 'accent-text' },
  Pending: { Icon: IconCircleDashed, token: 'text-2' },
  Healthy: { Icon: IconCircleCheck, token: 'good-text' },
};

export interface StatusWordProps {
  readonly status: Status;
  readonly dimmed?: boolean;
}

export function StatusWord({ status, dimmed = false }: StatusWordProps) {
  const { Icon, token } = LOOKS[status];
  return (
    <span className={classes.status} style={{ color: color(dimmed ? 'text-3' : token) }}>
      <StatusIcon status={status} icon={Icon} />
      {status}
    </span>
  );
}

export function StatusIcon({
  status,
  size = 16,
  icon,
}: {
  status: Status;
  size?: number;
  icon?: ComponentType<IconProps>;
}) {
  const Icon = icon ?? LOOKS[status].Icon;
  return <Icon size={size} stroke={1.75} aria-hidden style={{ flex: 'none' }} />;
}

export const statusColor = (status: Status): string => color(LOOKS[status].token);
