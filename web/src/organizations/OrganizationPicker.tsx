// Chooses an organization: searched on the server, a new one made on the way.
import { Combobox, InputBase, Loader, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, http } from '../api/client.js';
import { wordsOf } from '../api/problem.js';
import { KEYS, organizationOptionsQuery } from '../api/queries.js';
import type { Organization } from '../mapping/draft.js';
import { plural } from '../words.js';
import classes from './OrganizationPicker.module.css';

export interface OrganizationPickerProps {
  /** What is chosen for, such as the site's name: read to whoever does not see the row. */
  readonly label: string;
  readonly showLabel?: boolean;
  readonly value: Organization | null;
  readonly onChange: (organization: Organization | null) => void;
  /** Offers to choose none, in these words. */
  readonly none?: string;
  /** What a new organization would be called when nothing is typed. */
  readonly newName?: string | null;
  readonly error?: string | null;
}

const SEARCH_AFTER_MS = 150;
const NONE = '';
const NEW = ' new';

export function OrganizationPicker(props: OrganizationPickerProps) {
  const { label, showLabel = false, value, onChange, none, newName = null, error } = props;
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), SEARCH_AFTER_MS);
  const combobox = useCombobox({
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setTyped('');
    },
  });
  const options = useQuery({
    ...organizationOptionsQuery(search),
    enabled: combobox.dropdownOpened,
  });
  const make = useMutation({
    mutationFn: (name: string) => answerOf(http.POST('/v1/organizations', { body: { name, externalKey: null } })),
    onSuccess: async ({ id, name }) => {
      onChange({ id, name });
      combobox.closeDropdown();
      await queries.invalidateQueries({ queryKey: KEYS.organizations });
    },
  });
  // Until the answer to what is typed is there, nothing can be chosen: the list before would give a site to whoever
  // happens to stand first in it.
  const answer = search === typed.trim() ? options.data : undefined;
  const isSettled = answer !== undefined;
  const found = answer ?? [];
  const wanted = typed.trim() === '' ? newName : typed.trim();
  const isNew = isSettled && wanted !== null && !found.some(({ name }) => name === wanted);

  const choose = (choice: string) => {
    if (choice === NEW && wanted !== null) return make.mutate(wanted);
    const chosen = found.find(({ id }) => id === choice);
    onChange(chosen === undefined ? null : { id: chosen.id, name: chosen.name });
    combobox.closeDropdown();
  };

  return (
    <Combobox store={combobox} onOptionSubmit={choose} width={420} position="bottom-start" withinPortal>
      <Combobox.Target>
        <InputBase
          {...(showLabel ? { label } : { 'aria-label': label })}
          size="xs"
          h={28}
          classNames={{ input: classes.input }}
          value={combobox.dropdownOpened ? typed : (value?.name ?? '')}
          placeholder={combobox.dropdownOpened ? (value?.name ?? 'Search') : 'Not mapped'}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            combobox.openDropdown();
            combobox.updateSelectedOptionIndex('active');
          }}
          onClick={() => combobox.openDropdown()}
          onBlur={() => combobox.closeDropdown()}
          rightSection={make.isPending ? <Loader size={14} /> : <Combobox.Chevron />}
          rightSectionPointerEvents="none"
          error={make.error === null ? error : wordsOf(make.error).detail}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={320} style={{ overflowY: 'auto' }}>
          {none !== undefined && value !== null && typed === '' && (
            <Combobox.Option value={NONE} className={classes.none}>
              {none}
            </Combobox.Option>
          )}
          {found.map(({ id, name, mappedSites }) => (
            <Combobox.Option key={id} value={id} active={id === value?.id}>
              <span className={classes.option}>
                <span>{name}</span>
                <span className={classes.hint}>{sitesWords(mappedSites)}</span>
              </span>
            </Combobox.Option>
          ))}
          {!isSettled && options.error === null && <Combobox.Empty>Searching …</Combobox.Empty>}
          {options.error !== null && <Combobox.Empty>{wordsOf(options.error).title}</Combobox.Empty>}
          {isNew && (
            <Combobox.Option value={NEW} className={classes.new}>
              <span className={classes.option}>
                <span>Create “{wanted}”</span>
                <span className={classes.hint}>new organization</span>
              </span>
            </Combobox.Option>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

const sitesWords = (sites: number | null): string =>
  sites === null || sites === 0 ? 'no site' : plural(sites, 'site');
