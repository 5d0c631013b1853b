// What has to be made in SentinelOne, line by line as the setup guide says it; ticks are kept in this browser.
import { ActionIcon, Badge, Button, Checkbox, CopyButton, Kbd } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconArrowRight, IconCheck, IconCopy } from '@tabler/icons-react';
import { Fragment, type ReactNode } from 'react';
import { Panel } from '../../blocks/Panel.js';
import classes from './Prepare.module.css';

interface Line {
  readonly id: string;
  /** `[…]` is what SentinelOne calls it. */
  readonly text: string;
  /** Names to copy, each with what is said beside it. */
  readonly names?: readonly (readonly [name: string, beside: string])[];
}

const ROLE: readonly Line[] = [
  { id: 'roles', text: 'Go to [Settings] → [USERS] → [Roles]' },
  {
    id: 'duplicate',
    text: 'Select the built-in [Viewer] role, then choose [Duplicate Role] in the Actions drop down menu',
  },
  { id: 'name', text: 'Provide a name for the new user role, then select [NEXT]', names: [['SIEM integration', '']] },
  {
    id: 'permissions',
    text: 'Navigate to the following sections and add the noted permissions',
    names: [
      ['Console Integrations', 'View, Edit, Create'],
      ['Notification Settings', 'View, Edit, Create'],
    ],
  },
];
const SERVICE_USER: readonly Line[] = [
  { id: 'service-users', text: 'Go to [Settings] → [USERS] → [Service Users]' },
  {
    id: 'new',
    text: 'Create a new [Service User] by specifying a name and an expiration date, then click [Next]',
    names: [['siem-integration', 'The token lives until that date. A notice comes before it ends.']],
  },
  {
    id: 'scope',
    text: 'On the Scope of Access screen, select [Account] in the Access Level box, and the new Role in the drop-down box next to your site name',
  },
  {
    id: 'token',
    text: 'Click [Create User] and copy the API token before you choose [Close]. SentinelOne shows it once',
  },
];

export function Prepare({ onDone }: { readonly onDone: () => void }) {
  const [ticked, setTicked] = useLocalStorage<readonly string[]>({ key: 'add-sentinelone-ticks', defaultValue: [] });
  const toggle = (id: string) =>
    setTicked((before) => (before.includes(id) ? before.filter((each) => each !== id) : [...before, id]));
  return (
    <>
      <Lines title="Create a Role for the Service User" lines={ROLE} ticked={ticked} onToggle={toggle} />
      <Lines title="Create Service User" lines={SERVICE_USER} ticked={ticked} onToggle={toggle} />
      <div className={classes.foot}>
        <Button variant="filled" onClick={onDone} rightSection={<IconArrowRight size={16} stroke={1.75} aria-hidden />}>
          I have the API token
        </Button>
        <span className={classes.hint}>You can go on without ticking; the checks tell what is missing.</span>
      </div>
    </>
  );
}

interface LinesProps {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly ticked: readonly string[];
  readonly onToggle: (id: string) => void;
}

function Lines({ title, lines, ticked, onToggle }: LinesProps) {
  const done = lines.filter(({ id }) => ticked.includes(id)).length;
  const isDone = done === lines.length;
  return (
    <Panel
      title={title}
      actions={
        <Badge color={isDone ? 'good' : 'gray'} leftSection={isDone ? <IconCheck size={14} aria-hidden /> : undefined}>
          {done} of {lines.length} done
        </Badge>
      }
    >
      <ul className={classes.list}>
        {lines.map(({ id, text, names = [] }) => (
          <li key={id} className={classes.line}>
            <Checkbox checked={ticked.includes(id)} onChange={() => onToggle(id)} label={<Marked text={text} />} />
            {names.map(([name, beside]) => (
              <div key={name} className={classes.name}>
                <code>{name}</code>
                <CopyButton value={name}>
                  {({ copied, copy }) => (
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      onClick={copy}
                      aria-label={copied ? 'Copied' : `Copy ${name}`}
                    >
                      {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                    </ActionIcon>
                  )}
                </CopyButton>
                <span className={classes.hint}>{beside}</span>
              </div>
            ))}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Marked({ text }: { readonly text: string }): ReactNode {
  return text
    .split(/\[|\]/)
    .map((part, index) => <Fragment key={`${index} ${part}`}>{index % 2 === 1 ? <Kbd>{part}</Kbd> : part}</Fragment>);
}
