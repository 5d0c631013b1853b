import { Link, type LinkProps } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import classes from './Page.module.css';

export interface Crumb {
  readonly title: string;
  readonly to: LinkProps['to'];
}

export interface PageProps {
  readonly title: string;
  readonly crumbs?: readonly Crumb[];
  /** How things stand, in a sentence. */
  readonly sentence?: ReactNode;
  readonly icon?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** A sentence for a title, as on Overview. */
  readonly large?: boolean;
}

export function Page({ title, crumbs = [], sentence, icon, actions, children, large = false }: PageProps) {
  useEffect(() => {
    document.title = `${title} · SIEM`;
  }, [title]);
  return (
    <div className={classes.page}>
      <header className={classes.head}>
        <div className={classes.words}>
          {crumbs.length > 0 && (
            <nav aria-label="Breadcrumb" className={classes.crumbs}>
              {crumbs.map((crumb) => (
                <Link key={crumb.title} to={crumb.to}>
                  {crumb.title}
                </Link>
              ))}
            </nav>
          )}
          <div className={classes.title}>
            {icon}
            <h1 className={large ? classes.large : classes.normal} tabIndex={-1}>
              {title}
            </h1>
          </div>
          {sentence !== undefined && <p className={classes.sentence}>{sentence}</p>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={classes.content}>{children}</div>
    </div>
  );
}
