import {
  AppShell,
  Burger,
  Drawer,
  Group,
  Menu,
  NavLink,
  Text,
  UnstyledButton,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBell, IconBuilding, IconDatabaseImport, IconLayoutDashboard, IconSelector } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useRouter, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { answerOf, http } from '../../api/client.js';
import { watchChanges } from '../../api/live.js';
import { openNoticesQuery } from '../../api/queries.js';
import { color } from '../../theme/tokens.js';
import { type Ability, may } from '../roles.js';
import { useMe } from '../useMe.js';
import classes from './Frame.module.css';

const PLACES = [
  { to: '/', title: 'Overview', Icon: IconLayoutDashboard, ability: null },
  { to: '/sources', title: 'Source Management', Icon: IconDatabaseImport, ability: 'seeConnections' },
  { to: '/organizations', title: 'Organizations', Icon: IconBuilding, ability: 'seeOrganizations' },
  { to: '/notices', title: 'Notices', Icon: IconBell, ability: 'seeNotices' },
] as const satisfies readonly { to: string; ability: Ability | null; [other: string]: unknown }[];

export function Frame() {
  const queries = useQueryClient();
  const [isOpen, drawer] = useDisclosure();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  useEffect(() => watchChanges(queries), [queries]);
  useEffect(() => drawer.close(), [path, drawer]);
  return (
    <AppShell navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: true } }} padding={0}>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <AppShell.Navbar className={classes.rail}>
        <Rail />
      </AppShell.Navbar>
      <div className={classes.bar}>
        <Burger opened={isOpen} onClick={drawer.toggle} size="sm" aria-label="Menu" />
        <Brand />
      </div>
      <Drawer opened={isOpen} onClose={drawer.close} size={264} title={<Brand />}>
        <Rail />
      </Drawer>
      <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

const Brand = () => (
  <Group gap={10}>
    <img src="/favicon.svg" width={20} height={20} alt="" />
    <Text fw={600} size="lg">
      SIEM
    </Text>
  </Group>
);

function Rail() {
  const { role } = useMe();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const open = useQuery(openNoticesQuery).data;
  return (
    <div className={classes.inside}>
      <div className={classes.brand}>
        <Brand />
      </div>
      <nav aria-label="Main">
        {PLACES.filter(({ ability }) => ability === null || may(role, ability)).map(({ to, title, Icon }) => {
          const isCurrent = to === '/' ? path === '/' : path.startsWith(to);
          return (
            <NavLink
              key={to}
              renderRoot={(props: object) => <Link to={to} {...props} />}
              label={title}
              leftSection={<Icon size={16} stroke={1.75} aria-hidden />}
              rightSection={to === '/notices' ? <OpenNotices count={open} /> : undefined}
              active={isCurrent}
              aria-current={isCurrent ? 'page' : undefined}
              className={classes.place}
              variant="subtle"
              c={isCurrent ? color('text') : color('text-2')}
            />
          );
        })}
      </nav>
      <Person />
    </div>
  );
}

function OpenNotices({ count }: { readonly count: { readonly count: number; readonly more: boolean } | undefined }) {
  if (count === undefined || count.count === 0) return null;
  return (
    <span className={classes.count}>
      {count.count}
      {count.more && '+'}
      <span className="visually-hidden"> open</span>
    </span>
  );
}

function Person() {
  const me = useMe();
  const router = useRouter();
  const queries = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = async () => {
    await answerOf(http.POST('/v1/auth/sign-out', {}));
    queries.clear();
    await router.navigate({ to: '/sign-in' });
  };
  return (
    <Menu position="top-start" width={216}>
      <Menu.Target>
        <UnstyledButton className={classes.person}>
          <span className={classes.initials} aria-hidden>
            {initials(me.account.name)}
          </span>
          <span className={classes.names}>
            <strong>{me.account.name}</strong>
            <span>{me.name}</span>
          </span>
          <IconSelector size={16} stroke={1.75} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Appearance</Menu.Label>
        {(['light', 'dark', 'auto'] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            aria-current={scheme === colorScheme || undefined}
          >
            {SCHEMES[scheme]}
            {scheme === colorScheme && ' ✓'}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const SCHEMES = { light: 'Light', dark: 'Dark', auto: 'As the system' } as const;

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.charAt(0).toUpperCase())
    .join('');
