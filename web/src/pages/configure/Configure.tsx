import { Alert, Button, FileButton, SegmentedControl, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconFileExport, IconFileImport, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useBlocker } from '@tanstack/react-router';
import { useState } from 'react';
import { connectionQuery, sitesQuery } from '../../api/queries.js';
import { Page } from '../../app/frame/Page.js';
import { useMay } from '../../app/useMe.js';
import { Panel } from '../../blocks/Panel.js';
import { Empty, Failed, LoadingRows } from '../../blocks/states.js';
import { isOpen, placeOf, type Site, withExactSuggestions } from '../../mapping/draft.js';
import { mappingCsv } from '../../mapping/mapping-csv.js';
import { number, plural } from '../../words.js';
import classes from './Configure.module.css';
import { SaveBar } from './SaveBar.js';
import { SiteRows } from './SiteRows.js';
import { type MappingEditor, useMappingEditor } from './useMappingEditor.js';

const route = getRouteApi('/frame/sources/sentinelone/$connectionId/configure');
/** Of the setup guide, word for word. */
const DISCARDED = 'Any data received from SentinelOne for a Site that is not mapped will be discarded.';

export function Configure() {
  const { connectionId } = route.useParams();
  const connection = useQuery(connectionQuery(connectionId)).data;
  const sites = useQuery(sitesQuery(connectionId));
  const name = connection?.name ?? 'connection';
  const crumbs = [
    { title: 'Source Management', to: '/sources' },
    { title: 'SentinelOne', to: '/sources/sentinelone' },
  ] as const;
  if (sites.data === undefined) {
    return (
      <Page title={`Configure ${name}`} crumbs={crumbs}>
        {sites.error === null ? <LoadingRows /> : <Failed error={sites.error} onRetry={() => void sites.refetch()} />}
      </Page>
    );
  }
  return <Editor connectionId={connectionId} name={name} />;
}

const FILTERS = ['All', 'Unmapped', 'Mapped', 'Changed'] as const;
type Filter = (typeof FILTERS)[number];

function Editor({ connectionId, name }: { readonly connectionId: string; readonly name: string }) {
  const editor = useMappingEditor(connectionId);
  const { sites, draft } = editor;
  const [filter, setFilter] = useState<Filter>(sites.some((site) => site.organizationId === null) ? 'Unmapped' : 'All');
  const [typed, setTyped] = useState('');
  const mayMap = useMay('manageConnections');
  useBlocker({ shouldBlockFn: () => draft.size > 0 && !window.confirm('Leave without saving the changes?') });

  const fits: Readonly<Record<Filter, (site: Site) => boolean>> = {
    All: () => true,
    // What was just mapped stays where it is until it is saved: nothing moves away under the pointer.
    Unmapped: (site) => site.organizationId === null,
    Mapped: (site) => site.organizationId !== null,
    Changed: (site) => draft.has(site.siteId),
  };
  const text = typed.trim().toLowerCase();
  const shown = sites.filter((site) => fits[filter](site) && matches(site, placeOf(draft, site)?.name, text));
  const exact = sites.filter((site) => isOpen(draft, site) && site.suggestion?.likeness === 'exact').length;

  return (
    <Page
      title={`Configure ${name}`}
      crumbs={[
        { title: 'Source Management', to: '/sources' },
        { title: 'SentinelOne', to: '/sources/sentinelone' },
      ]}
      sentence={sentenceOf(sites)}
      actions={<Files editor={editor} mayMap={mayMap} />}
    >
      <Alert color="warn" icon={<IconAlertTriangle size={16} stroke={1.75} />} title={DISCARDED} />
      <Told editor={editor} />
      <Panel>
        <div className={classes.toolbar}>
          <SegmentedControl
            aria-label="Which sites"
            value={filter}
            onChange={(value) => setFilter(value)}
            data={FILTERS.map((each) => ({ value: each, label: `${each} ${number(sites.filter(fits[each]).length)}` }))}
          />
          <TextInput
            aria-label="Search sites"
            placeholder="Site or organization"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            leftSection={<IconSearch size={16} stroke={1.75} aria-hidden />}
            className={classes.search}
          />
          {mayMap && (
            <Button
              className={classes.bulk}
              disabled={exact === 0}
              leftSection={<IconCheck size={16} stroke={1.75} aria-hidden />}
              onClick={() => editor.edit((before) => withExactSuggestions(before, sites))}
            >
              Accept all exact suggestions ({number(exact)})
            </Button>
          )}
        </div>
        {shown.length > 0 ? (
          <SiteRows sites={shown} editor={editor} mayMap={mayMap} />
        ) : (
          <NothingShown filter={filter} typed={typed} hasSites={sites.length > 0} />
        )}
      </Panel>
      {draft.size > 0 && <SaveBar editor={editor} />}
    </Page>
  );
}

function NothingShown({ filter, typed, hasSites }: { filter: Filter; typed: string; hasSites: boolean }) {
  if (!hasSites)
    return <Empty title="SentinelOne has listed no site yet">Sites appear here when they were read.</Empty>;
  if (typed.trim() !== '') return <Empty title={`No site is like “${typed.trim()}”`} />;
  return <Empty title={filter === 'Unmapped' ? 'Every site is mapped' : 'There is none'} />;
}

function matches(site: Site, organization: string | undefined, text: string): boolean {
  if (text === '') return true;
  return [site.siteName, organization, site.siteId].some((each) => each?.toLowerCase().includes(text));
}

function sentenceOf(sites: readonly Site[]): string {
  const unmapped = sites.filter((site) => site.organizationId === null);
  const discarded = unmapped.reduce((sum, site) => sum + site.discarded.count, 0);
  const mapped = `${number(sites.length - unmapped.length)} of ${plural(sites.length, 'site')} are mapped.`;
  if (unmapped.length === 0) return mapped;
  const rest =
    discarded === 0 ? '' : `: ${number(discarded)} of their activities were discarded and can still be collected`;
  return `${mapped} ${number(unmapped.length)} ${unmapped.length === 1 ? 'is' : 'are'} not${rest}.`;
}

/** What somebody has to be told of the latest save or import. */
function Told({ editor }: { readonly editor: MappingEditor }) {
  const { conflicts, problems, error, saved } = editor;
  return (
    <div aria-live="polite" className={classes.told}>
      {error !== null && <Failed error={error} />}
      {conflicts.length > 0 && (
        <Alert
          color="warn"
          title="Somebody else saved meanwhile; your changes are kept, and saved over theirs if you save"
        >
          <ul className={classes.list}>
            {conflicts.map(({ site, mine, theirs }) => (
              <li key={site.siteId}>
                {site.siteName ?? site.siteId}: theirs is {theirs?.name ?? 'not mapped'}, yours{' '}
                {mine?.name ?? 'not mapped'}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      {problems.length > 0 && (
        <Alert color="warn" title={`${plural(problems.length, 'line')} of the file could not be taken over`}>
          <ul className={classes.list}>
            {problems.map((problem) => (
              <li key={problem}>{problem}</li>
            ))}
          </ul>
        </Alert>
      )}
      {saved !== null && <Alert color="good" icon={<IconCheck size={16} stroke={1.75} />} title={saved} />}
    </div>
  );
}

function Files({ editor, mayMap }: { readonly editor: MappingEditor; readonly mayMap: boolean }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([mappingCsv(editor.sites, editor.draft)], { type: 'text/csv' }));
    const link = document.createElement('a');
    link.href = url;
    link.download = 'mapping.csv';
    link.click();
    URL.revokeObjectURL(url);
  };
  return (
    <>
      <Button leftSection={<IconFileExport size={16} stroke={1.75} aria-hidden />} onClick={save}>
        Export CSV
      </Button>
      {mayMap && (
        <FileButton accept="text/csv,.csv" onChange={(file) => file !== null && void editor.importFile(file)}>
          {(props) => (
            <Button {...props} leftSection={<IconFileImport size={16} stroke={1.75} aria-hidden />}>
              Import CSV
            </Button>
          )}
        </FileButton>
      )}
    </>
  );
}
