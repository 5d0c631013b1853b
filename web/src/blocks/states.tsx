// What a view shows when it has nothing to show: loading, never had any, nothing matches, went wrong.
import { Alert, Anchor, Button, Code, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { wordsOf } from '../api/problem.js';
import { color } from '../theme/tokens.js';
import classes from './states.module.css';

export interface EmptyProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}

export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className={classes.empty} role="status">
      <Text fw={600} size="lg">
        {title}
      </Text>
      {children !== undefined && <Text c={color('text-2')}>{children}</Text>}
      {action}
    </div>
  );
}

export function Failed({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
  const { title, detail, whatToDo, helpUrl, requestId } = wordsOf(error);
  return (
    <Alert color="bad" icon={<IconAlertCircle size={16} stroke={1.75} />} title={title} role="alert">
      <Stack gap={8}>
        <span>
          {detail} {whatToDo} {helpUrl !== null && <Anchor href={helpUrl}>What to do</Anchor>}
        </span>
        <Group gap={8}>
          {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
          {requestId !== null && (
            <Text size="xs" c={color('text-3')}>
              Request <Code>{requestId}</Code>
            </Text>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}

/** The shape of a table: its head and ten rows. */
export function LoadingRows({ rows = 10 }: { readonly rows?: number }) {
  return (
    <div aria-busy aria-label="Loading" className={classes.loading}>
      {Array.from({ length: rows }, (_, index) => (
        <Skeleton key={index} height={20} radius={4} />
      ))}
    </div>
  );
}
