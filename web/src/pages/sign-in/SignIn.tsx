import { Alert, Button, Paper, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconAlertCircle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { answerOf, http } from '../../api/client.js';
import { wordsOf } from '../../api/problem.js';
import { signInMethodsQuery } from '../../api/queries.js';
import { color } from '../../theme/tokens.js';
import classes from './SignIn.module.css';

const route = getRouteApi('/sign-in');

export function SignIn() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const methods = useQuery(signInMethodsQuery).data;
  const form = useForm({
    initialValues: { email: '', password: '' },
    validate: {
      email: (email) => (email.includes('@') ? null : 'Write your e-mail address'),
      password: (password) => (password === '' ? 'Write your password' : null),
    },
  });
  useEffect(() => {
    document.title = 'Sign in · SIEM';
  }, []);

  const signIn = useMutation({
    mutationFn: (body: { email: string; password: string }) => answerOf(http.POST('/v1/auth/sign-in/email', { body })),
    onSuccess: async () => {
      queries.clear();
      await router.navigate({ to: next ?? '/' });
    },
  });
  const atProvider = useMutation({
    mutationFn: () =>
      answerOf(http.POST('/v1/auth/sign-in/social', { body: { provider: 'oidc', callbackURL: next ?? '/' } })),
    onSuccess: ({ url }) => window.location.assign(url),
  });
  const error = signIn.error ?? atProvider.error;

  return (
    <main className={classes.page}>
      <Paper withBorder radius={8} className={classes.panel}>
        <form noValidate onSubmit={form.onSubmit((values) => signIn.mutate(values))}>
          <Stack gap={16}>
            <div className={classes.head}>
              <img src="/favicon.svg" width={28} height={28} alt="" />
              <h1 className={classes.title}>Sign in</h1>
            </div>
            {error !== null && <Refused error={error} />}
            <TextInput
              label="E-mail address"
              type="email"
              autoComplete="username"
              autoFocus
              {...form.getInputProps('email')}
            />
            <PasswordInput label="Password" autoComplete="current-password" {...form.getInputProps('password')} />
            <Button type="submit" variant="filled" fullWidth loading={signIn.isPending}>
              Sign in
            </Button>
            {methods?.oidc != null && (
              <Button fullWidth loading={atProvider.isPending} onClick={() => atProvider.mutate()}>
                Sign in with {methods.oidc.name}
              </Button>
            )}
            <Text size="xs" c={color('text-3')} ta="center">
              No account, or forgotten password? Ask an admin of your company.
            </Text>
          </Stack>
        </form>
      </Paper>
    </main>
  );
}

function Refused({ error }: { readonly error: unknown }) {
  const { title, detail } = wordsOf(error);
  return (
    <Alert
      color="bad"
      role="alert"
      icon={<IconAlertCircle size={16} stroke={1.75} />}
      title={detail === '' ? title : detail}
    />
  );
}
