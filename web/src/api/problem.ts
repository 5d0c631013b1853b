// The one place where an answer that went wrong becomes words.
import type { components } from './schema.js';

type PermissionCheck = components['schemas']['PermissionCheck'];

/** As the API writes it (RFC 9457); what a proxy in between wrote has a status alone. */
export interface ApiProblem {
  readonly kind: 'problem';
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly whatToDo: string | null;
  readonly helpUrl: string | null;
  readonly requestId: string | null;
  /** By the field's path in the request's body. */
  readonly fields: Readonly<Record<string, string>>;
  /** Of a token that is refused for one of them. */
  readonly permissions: readonly PermissionCheck[];
}

export type Trouble = ApiProblem | { readonly kind: 'unreachable' };

export class ApiError extends Error {
  constructor(
    readonly trouble: Trouble,
    options?: ErrorOptions,
  ) {
    super(trouble.kind === 'problem' ? trouble.code : trouble.kind, options);
  }
}

export function problemOf(status: number, body: unknown): ApiProblem {
  const document = isRecord(body) ? body : {};
  return {
    kind: 'problem',
    status,
    code: text(document.code) ?? `http_${status}`,
    title: text(document.title) ?? `HTTP ${status}`,
    detail: text(document.detail) ?? '',
    whatToDo: text(document.whatToDo),
    helpUrl: text(document.helpUrl),
    requestId: text(document.requestId),
    fields: fieldsOf(document.errors),
    permissions: Array.isArray(document.permissions) ? (document.permissions as PermissionCheck[]) : [],
  };
}

export interface Words {
  readonly title: string;
  readonly detail: string;
  readonly whatToDo: string | null;
  readonly helpUrl: string | null;
  readonly requestId: string | null;
}

const UNREACHABLE: Words = {
  title: 'The server cannot be reached',
  detail: 'What is shown may be out of date. Collecting goes on without this page.',
  whatToDo: 'Check the connection; this page tries again by itself.',
  helpUrl: null,
  requestId: null,
};
const UNEXPECTED: Words = {
  title: 'This page made a mistake',
  detail: 'Nothing was changed.',
  whatToDo: 'Reload the page.',
  helpUrl: null,
  requestId: null,
};
/** The server's own words are for whoever calls it; these are for who reads the page. */
const TITLES: Readonly<Record<string, string>> = {
  forbidden: 'You may not see this',
  not_found: 'There is no such page',
  rate_limited: 'Too many requests',
  temporal_unavailable: 'Commands are not accepted just now',
  worker_unavailable: 'No worker takes commands just now',
};

export function wordsOf(error: unknown): Words {
  if (!(error instanceof ApiError)) return UNEXPECTED;
  const { trouble } = error;
  if (trouble.kind === 'unreachable') return UNREACHABLE;
  const { code, detail, whatToDo, helpUrl, requestId, title } = trouble;
  const isServers = trouble.status >= 500 && trouble.detail === '';
  return {
    title: TITLES[code] ?? (isServers ? 'The server could not answer' : sentence(title)),
    detail: sentence(detail),
    whatToDo,
    helpUrl,
    requestId,
  };
}

/** The message of a field, for the form that sent it. */
export const fieldsWithProblems = (error: unknown): Readonly<Record<string, string>> =>
  error instanceof ApiError && error.trouble.kind === 'problem' ? error.trouble.fields : {};

export const isUnauthenticated = (error: unknown): boolean =>
  error instanceof ApiError && error.trouble.kind === 'problem' && error.trouble.status === 401;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

function fieldsOf(errors: unknown): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const each of Array.isArray(errors) ? errors : []) {
    if (isRecord(each) && typeof each.path === 'string' && typeof each.message === 'string') {
      fields[each.path] ??= sentence(each.message);
    }
  }
  return fields;
}
