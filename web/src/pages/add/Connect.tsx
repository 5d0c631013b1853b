import { Alert, Anchor, Button, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertCircle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { answerOf, http } from '../../api/client.js';
import { ApiError, fieldsWithProblems, wordsOf } from '../../api/problem.js';
import { KEYS } from '../../api/queries.js';
import { Panel } from '../../blocks/Panel.js';
import type { Organization } from '../../mapping/draft.js';
import { OrganizationPicker } from '../../organizations/OrganizationPicker.js';
import classes from './Connect.module.css';
import { originOf, withoutSpaces } from './connect-form.js';
import { type Check, PermissionTable } from './PermissionTable.js';

const DAY_MS = 86_400_000;
/** How far back; SentinelOne keeps what is older, and a backfill can read it later. */
const HOW_FAR = { now: 0, day: 1, week: 7, month: 30, quarter: 90 } as const;
type HowFar = keyof typeof HOW_FAR;
const WORDS: Readonly<Record<HowFar, string>> = {
  now: 'Now',
  day: 'Since yesterday',
  week: 'The last 7 days',
  month: 'The last 30 days',
  quarter: 'The last 90 days',
};

interface Values {
  readonly name: string;
  readonly consoleUrl: string;
  readonly apiToken: string;
  readonly organization: Organization | null;
  readonly howFar: HowFar;
}

export function Connect({ onBack }: { readonly onBack: () => void }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [hints, setHints] = useState({ cut: false, removed: 0 });
  const form = useForm<Values>({
    initialValues: { name: 'SentinelOne', consoleUrl: '', apiToken: '', organization: null, howFar: 'week' },
    validate: {
      name: (name) => (name.trim() === '' ? 'Give it a name' : null),
      consoleUrl: (url) => (url.trim() === '' ? 'Write the address that your browser shows in SentinelOne' : null),
      apiToken: (token) => (token === '' ? 'Paste the API token of the service user' : null),
      organization: (organization) => (organization === null ? 'Choose the organization' : null),
    },
  });
  const connect = useMutation({
    mutationFn: (values: Values) => answerOf(http.POST('/v1/connections', { body: bodyOf(values) })),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: KEYS.connections });
      await navigate({ to: '/sources/sentinelone/$connectionId/configure', params: { connectionId: id } });
    },
    onError: (error) => form.setErrors(ofFields(fieldsWithProblems(error))),
  });

  return (
    <form noValidate onSubmit={form.onSubmit((values) => connect.mutate(values))} className={classes.columns}>
      <Panel title="Connection" padded>
        <Stack gap={16}>
          <TextInput label="Name" {...form.getInputProps('name')} />
          <TextInput
            label="Console address"
            placeholder="https://example.sentinelone.net"
            description={hints.cut ? 'Cut to its origin; a path was pasted with it.' : undefined}
            inputMode="url"
            {...form.getInputProps('consoleUrl')}
            onChange={(event) => {
              const { value, cut } = originOf(event.currentTarget.value);
              form.setFieldValue('consoleUrl', value);
              setHints((before) => ({ ...before, cut }));
            }}
          />
          <PasswordInput
            label="API token"
            autoComplete="off"
            description={`Never shown again.${hints.removed > 0 ? ' Spaces and line breaks were removed.' : ''}`}
            {...form.getInputProps('apiToken')}
            onChange={(event) => {
              const { value, removed } = withoutSpaces(event.currentTarget.value);
              form.setFieldValue('apiToken', value);
              setHints((before) => ({ ...before, removed }));
            }}
          />
          <div>
            <OrganizationPicker
              label="Default Organization"
              showLabel
              value={form.values.organization}
              onChange={(organization) => form.setFieldValue('organization', organization)}
              error={(form.errors.organization as string | undefined) ?? null}
            />
            <p className={classes.hint}>Where logs that aren’t endpoint or site-specific will be stored.</p>
          </div>
          <Select
            label="Collect from"
            data={Object.entries(WORDS).map(([value, label]) => ({ value, label }))}
            allowDeselect={false}
            {...form.getInputProps('howFar')}
          />
        </Stack>
      </Panel>
      <Stack gap={16}>
        {connect.error !== null && <Refused error={connect.error} />}
        <div className={classes.foot}>
          <Button type="submit" variant="filled" loading={connect.isPending}>
            {connect.error === null ? 'Save' : 'Check again and save'}
          </Button>
          <Button variant="subtle" color="gray" onClick={onBack}>
            Back
          </Button>
          <span className={classes.hint} aria-live="polite">
            {connect.isPending
              ? 'Checking the token and its permissions …'
              : 'Takes a few seconds; a passed check leads straight to Configure.'}
          </span>
        </div>
      </Stack>
    </form>
  );
}

function bodyOf({ name, consoleUrl, apiToken, organization, howFar }: Values) {
  const days = HOW_FAR[howFar];
  return {
    name: name.trim(),
    consoleUrl,
    apiToken,
    defaultOrganizationId: organization?.id ?? '',
    ...(days > 0 && { collectFrom: new Date(Date.now() - days * DAY_MS).toISOString() }),
  };
}

const ofFields = ({ defaultOrganizationId, ...fields }: Readonly<Record<string, string>>) =>
  defaultOrganizationId === undefined ? fields : { ...fields, organization: defaultOrganizationId };

/** The guide's sentence, what to do, and which permissions are missing. Nothing was created. */
function Refused({ error }: { readonly error: unknown }) {
  const { title, detail, whatToDo, helpUrl } = wordsOf(error);
  return (
    <>
      <Alert
        color="bad"
        role="alert"
        icon={<IconAlertCircle size={16} stroke={1.75} />}
        title={detail === '' ? title : detail}
      >
        {whatToDo} {helpUrl !== null && <Anchor href={helpUrl}>Setup guide</Anchor>}
      </Alert>
      <PermissionTable checks={checksOf(error)} />
    </>
  );
}

function checksOf(error: unknown): readonly Check[] {
  if (!(error instanceof ApiError) || error.trouble.kind !== 'problem') return [];
  return error.trouble.permissions;
}
