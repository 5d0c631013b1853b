// One row a site. Of two thousand, those that can be seen are in the page.
import { ActionIcon, Button } from '@mantine/core';
import { IconArrowBackUp, IconArrowRight, IconCheck, IconSparkles } from '@tabler/icons-react';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef, useState } from 'react';
import { placeOf, type Site, withChange, withoutChange } from '../../mapping/draft.js';
import { OrganizationPicker } from '../../organizations/OrganizationPicker.js';
import { exactTime, number } from '../../words.js';
import classes from './SiteRows.module.css';
import type { MappingEditor } from './useMappingEditor.js';

const ROW_PX = 37;
/** Above this many the rest is left out of the page until it is scrolled to. */
const OVERSCAN = 20;

export interface SiteRowsProps {
  readonly sites: readonly Site[];
  readonly editor: MappingEditor;
  readonly mayMap: boolean;
}

export function SiteRows({ sites, editor, mayMap }: SiteRowsProps) {
  const body = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(body.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: sites.length,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    scrollMargin: offset,
    getItemKey: (index) => sites[index]?.siteId ?? index,
  });
  return (
    <div role="table" aria-label="Sites" aria-rowcount={sites.length + 1} className={classes.table}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={classes.head}>
          {['Site', 'State', 'License Count', 'Organization', 'Suggestion', 'Discarded', ''].map((title, index) => (
            <span key={title} role="columnheader" className={index === 2 || index === 5 ? classes.right : undefined}>
              {title}
            </span>
          ))}
        </div>
      </div>
      <div role="rowgroup" ref={body} style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(({ key, index, start }) => {
          const site = sites[index];
          if (site === undefined) return null;
          return (
            <div
              key={key}
              data-index={index}
              ref={(element) => rows.measureElement(element)}
              role="row"
              aria-rowindex={index + 2}
              className={classes.row}
              data-changed={editor.draft.has(site.siteId) || undefined}
              style={{ transform: `translateY(${start - offset}px)` }}
            >
              <SiteCells site={site} editor={editor} mayMap={mayMap} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function SiteCells({
  site,
  editor,
  mayMap,
}: {
  readonly site: Site;
  readonly editor: MappingEditor;
  readonly mayMap: boolean;
}) {
  const { draft, edit } = editor;
  const isChanged = draft.has(site.siteId);
  const name = site.siteName ?? site.siteId;
  const place = placeOf(draft, site);
  return (
    <>
      <span role="cell" className={classes.name}>
        {name}
      </span>
      <span role="cell" className={classes.dim}>
        {site.state}
      </span>
      <span role="cell" className={classes.right}>
        {site.licenseCount === null ? '–' : number(site.licenseCount)}
      </span>
      <span role="cell">
        {mayMap ? (
          <OrganizationPicker
            label={`Organization of ${name}`}
            value={place}
            none="Not mapped"
            newName={site.siteName}
            onChange={(to) => edit((before) => withChange(before, site, to))}
          />
        ) : (
          (place?.name ?? 'Not mapped')
        )}
      </span>
      <span role="cell">
        <Suggestion site={site} editor={editor} isChanged={isChanged} mayMap={mayMap} />
      </span>
      <span
        role="cell"
        className={classes.right}
        title={site.discarded.first === null ? undefined : `since ${exactTime(site.discarded.first, new Date())}`}
      >
        <span className={site.discarded.count === 0 ? classes.dim : undefined}>{number(site.discarded.count)}</span>
      </span>
      <span role="cell">
        {isChanged && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Undo the change of ${name}`}
            onClick={() => edit((before) => withoutChange(before, site.siteId))}
          >
            <IconArrowBackUp size={16} stroke={1.75} />
          </ActionIcon>
        )}
      </span>
    </>
  );
}

function Suggestion({
  site,
  editor,
  isChanged,
  mayMap,
}: {
  site: Site;
  editor: MappingEditor;
  isChanged: boolean;
  mayMap: boolean;
}) {
  if (isChanged) {
    return (
      <span className={classes.fromNow}>
        <IconArrowRight size={14} stroke={1.75} aria-hidden /> from now on
      </span>
    );
  }
  const { suggestion } = site;
  if (site.organizationId !== null) return null;
  if (suggestion === null) return <span className={classes.dim}>no suggestion</span>;
  const isExact = suggestion.likeness === 'exact';
  const Icon = isExact ? IconCheck : IconSparkles;
  return (
    <Button
      size="compact-xs"
      h={24}
      disabled={!mayMap}
      className={isExact ? classes.exact : classes.likely}
      leftSection={<Icon size={14} stroke={1.75} aria-hidden />}
      onClick={() =>
        editor.edit((before) =>
          withChange(before, site, { id: suggestion.organizationId, name: suggestion.organizationName }),
        )
      }
    >
      <span className={classes.chip}>{suggestion.organizationName}</span>&nbsp;
      <span className={classes.likeness}>{suggestion.likeness}</span>
    </Button>
  );
}
