import { Button, Checkbox } from '@mantine/core';
import { useState } from 'react';
import { consequencesOf, EMPTY } from '../../mapping/draft.js';
import { exactTime, number, plural } from '../../words.js';
import classes from './SaveBar.module.css';
import type { MappingEditor } from './useMappingEditor.js';

/** What a save will do, in counts and words, beside the button that does it. */
export function SaveBar({ editor }: { readonly editor: MappingEditor }) {
  const { draft, sites, isSaving } = editor;
  const [collect, setCollect] = useState(true);
  const { mapped, organizations, unmapped, discarded, discardedSince } = consequencesOf(draft, sites);
  const parts = [
    mapped > 0 &&
      `from now on the activities of ${plural(mapped, 'site')} go to ${plural(organizations, 'organization')}`,
    unmapped > 0 && `those of ${plural(unmapped, 'site')} are discarded`,
  ].filter((part) => part !== false);
  const collects = collect && discarded > 0;
  return (
    <div className={classes.bar} role="region" aria-label="Changes that are not saved">
      <div className={classes.words}>
        <strong>
          {plural(draft.size, 'change')}: {parts.join('; ')}.
        </strong>
        {discarded > 0 && (
          <Checkbox
            checked={collect}
            onChange={(event) => setCollect(event.currentTarget.checked)}
            label={`Collect the ${number(discarded)} activities that were discarded${discardedSince === null ? '' : ` since ${exactTime(discardedSince, new Date())}`}`}
          />
        )}
        <span className={classes.hint}>What was stored before stays where it is.</span>
      </div>
      <Button disabled={isSaving} onClick={() => editor.edit(() => EMPTY)}>
        Undo
      </Button>
      <Button variant="filled" loading={isSaving} onClick={() => editor.save(collects)}>
        Save
      </Button>
    </div>
  );
}
