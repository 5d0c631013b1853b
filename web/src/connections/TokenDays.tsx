import { IconAlertCircle, IconAlertTriangle, IconHelpCircle } from '@tabler/icons-react';
import type { Schema } from '../api/client.js';
import { useNow } from '../blocks/useNow.js';
import { color } from '../theme/tokens.js';
import { plural } from '../words.js';
import { tokenStandingOf } from './status.js';
import classes from './TokenDays.module.css';

const ICON = { size: 16, stroke: 1.75, 'aria-hidden': true } as const;

/** How long the token still lives, or what is wrong with it. */
export function TokenDays({ connection }: { readonly connection: Schema['Connection'] }) {
  const standing = tokenStandingOf(connection, useNow().getTime());
  switch (standing.kind) {
    case 'none':
      return <span style={{ color: color('text-3') }}>–</span>;
    case 'unknown':
      return (
        <span className={classes.token} style={{ color: color('text-2') }}>
          <IconHelpCircle {...ICON} /> not known
        </span>
      );
    case 'rejected':
    case 'expired':
      return (
        <span className={classes.token} style={{ color: color('bad-text') }}>
          <IconAlertCircle {...ICON} /> {standing.kind}
        </span>
      );
    case 'expires_soon':
      return (
        <span className={classes.token} style={{ color: color('warn-text') }}>
          <IconAlertTriangle {...ICON} /> in {plural(standing.days, 'day')}
        </span>
      );
    case 'valid':
      return <span>in {plural(standing.days, 'day')}</span>;
  }
}
