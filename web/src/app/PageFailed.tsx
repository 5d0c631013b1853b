import type { ErrorComponentProps } from '@tanstack/react-router';
import { Failed } from '../blocks/states.js';
import classes from './frame/Page.module.css';

export function PageFailed({ error, reset }: ErrorComponentProps) {
  return (
    <div className={classes.page}>
      <Failed error={error} onRetry={reset} />
    </div>
  );
}
