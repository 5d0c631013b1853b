import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Schema } from '../../api/client.js';
import { organizationsQuery } from '../../api/queries.js';
import { Page } from '../../app/frame/Page.js';
import { type Column, DataTable } from '../../blocks/DataTable.js';
import { Panel } from '../../blocks/Panel.js';
import { Empty } from '../../blocks/states.js';
import { Time } from '../../blocks/Time.js';
import { number } from '../../words.js';
import classes from './Organizations.module.css';

type Organization = Schema['Organization'];

const route = getRouteApi('/frame/organizations');
const SEARCH_AFTER_MS = 250;

const COLUMNS: readonly Column<Organization>[] = [
  { title: 'Organization', cell: ({ name }) => <span style={{ fontWeight: 500 }}>{name}</span>, width: '45%' },
  { title: 'External key', cell: ({ externalKey }) => externalKey ?? '–' },
  { title: 'Sites', cell: ({ mappedSites }) => (mappedSites === null ? '–' : number(mappedSites)), align: 'right' },
  { title: 'Since', cell: ({ createdAt }) => <Time at={createdAt} />, align: 'right' },
];

export function Organizations() {
  const { search = '' } = route.useSearch();
  const navigate = useNavigate();
  const [typed, setTyped] = useState(search);
  const query = useInfiniteQuery({ ...organizationsQuery(search), placeholderData: keepPreviousData });
  const apply = useDebouncedCallback((text: string) => {
    void navigate({ to: '/organizations', search: { search: text.trim() || undefined }, replace: true });
  }, SEARCH_AFTER_MS);
  const type = (text: string) => {
    setTyped(text);
    apply(text);
  };
  return (
    <Page title="Organizations" sentence="The customers whose events are kept apart.">
      <Panel>
        <div className={classes.toolbar}>
          <TextInput
            aria-label="Search organizations"
            placeholder="Name"
            value={typed}
            onChange={(event) => type(event.currentTarget.value)}
            leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
            className={classes.search}
          />
        </div>
        <DataTable
          label="Organizations"
          query={query}
          columns={COLUMNS}
          idOf={({ id }) => id}
          empty={
            search === '' ? (
              <Empty title="There is no organization yet">
                Sites are mapped to organizations, one for each customer.
              </Empty>
            ) : (
              <Empty
                title={`No organization is named like “${search}”`}
                action={
                  <Link to="/organizations" onClick={() => setTyped('')}>
                    Show all
                  </Link>
                }
              />
            )
          }
        />
      </Panel>
    </Page>
  );
}
