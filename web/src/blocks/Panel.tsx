import type { ReactNode } from 'react';
import classes from './Panel.module.css';

export interface PanelProps {
  readonly title?: string;
  /** Beside the title: a count, a span of time. */
  readonly hint?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly padded?: boolean;
}

/** A border on the canvas; never inside another. */
export function Panel({ title, hint, actions, children, padded = false }: PanelProps) {
  return (
    <section className={classes.panel} aria-label={title}>
      {title !== undefined && (
        <header className={classes.head}>
          <h2 className={classes.title}>{title}</h2>
          {hint !== undefined && <span className={classes.hint}>{hint}</span>}
          {actions !== undefined && <div className={classes.actions}>{actions}</div>}
        </header>
      )}
      <div className={padded ? classes.padded : undefined}>{children}</div>
    </section>
  );
}
