// The state of Configure: what is stored, what I changed of it, and what a save or an import had to say.
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { answerOf, http } from '../../api/client.js';
import { ApiError } from '../../api/problem.js';
import { allOrganizations, KEYS, sitesQuery } from '../../api/queries.js';
import { changesOf, type Conflict, type Draft, EMPTY, rebased, type Site } from '../../mapping/draft.js';
import { importMapping } from '../../mapping/mapping-csv.js';
import { plural } from '../../words.js';

export interface MappingEditor {
  readonly sites: readonly Site[];
  readonly draft: Draft;
  readonly conflicts: readonly Conflict[];
  /** Of the latest import. */
  readonly problems: readonly string[];
  readonly error: Error | null;
  /** What the latest save did. */
  readonly saved: string | null;
  readonly isSaving: boolean;
  readonly edit: (change: (draft: Draft) => Draft) => void;
  readonly importFile: (file: File) => Promise<void>;
  readonly save: (collectDiscarded: boolean) => void;
}

export function useMappingEditor(connectionId: string): MappingEditor {
  const queries = useQueryClient();
  const query = sitesQuery(connectionId);
  const stored = useSuspenseQuery(query).data;
  // The version that the changes are made to: what is read again while somebody works does not replace it unasked.
  const [base, setBase] = useState(stored);
  const [draft, setDraft] = useState(EMPTY);
  const [conflicts, setConflicts] = useState<readonly Conflict[]>([]);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const [saved, setSaved] = useState<string | null>(null);
  const mapping = draft.size === 0 ? stored : base;
  if (draft.size === 0 && base !== stored) setBase(stored);

  const save = useMutation({
    mutationFn: (collectDiscarded: boolean) =>
      answerOf(
        http.PUT('/v1/connections/{id}/mapping', {
          params: { path: { id: connectionId } },
          body: { version: mapping.version, changes: changesOf(draft), collectDiscarded },
        }),
      ),
    onSuccess: async (view) => {
      setSaved(`Saved: ${plural(draft.size, 'site')} changed.`);
      setDraft(EMPTY);
      setConflicts([]);
      setProblems([]);
      queries.setQueryData(query.queryKey, view);
      await queries.invalidateQueries({ queryKey: KEYS.connections });
      await queries.invalidateQueries({ queryKey: KEYS.logSources });
    },
    onError: async (error) => {
      if (!isConflict(error)) return;
      const now = await queries.fetchQuery({ ...query, staleTime: 0 });
      const next = rebased(draft, { before: mapping.items, now: now.items });
      setBase(now);
      setDraft(next.draft);
      setConflicts(next.conflicts);
    },
  });

  const edit = (change: (draft: Draft) => Draft) => {
    setSaved(null);
    setDraft(change);
  };
  return {
    sites: mapping.items,
    draft,
    conflicts,
    problems,
    error: isConflict(save.error) ? null : save.error,
    saved,
    isSaving: save.isPending,
    edit,
    importFile: async (file) => {
      const [text, organizations] = await Promise.all([file.text(), allOrganizations()]);
      const imported = importMapping(text, { sites: mapping.items, organizations, draft });
      setProblems(imported.problems);
      edit(() => imported.draft);
    },
    save: save.mutate,
  };
}

const isConflict = (error: unknown): boolean =>
  error instanceof ApiError && error.trouble.kind === 'problem' && error.trouble.code === 'mapping_conflict';
