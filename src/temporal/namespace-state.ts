// Whether Temporal has what this product needs of it: it answers, the namespace is there, and the namespace has the
// search attributes. For readiness and for a worker's start, which say what is missing in one sentence and its remedy.
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { NamespaceNotFoundError } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from '../domain/temporal-names.js';

export type NamespaceTrouble =
  | { readonly kind: 'unreachable' | 'refused' | 'no_namespace' }
  | { readonly kind: 'no_search_attributes'; readonly names: readonly string[] };

const TIMEOUT_MS = 2_000;

/** gRPC's status codes. */
const GRPC = { notFound: 5, alreadyExists: 6, permissionDenied: 7, unimplemented: 12, unauthenticated: 16 } as const;

const hasCode = (error: unknown, ...codes: readonly number[]): boolean =>
  isGrpcServiceError(error) && codes.includes(error.code);

export const isAlreadyThere = (error: unknown): boolean => hasCode(error, GRPC.alreadyExists);

/** What of the client's namespace is missing; null when nothing is. Never throws, and takes four seconds at most. */
export async function troubleOfNamespace(temporal: Client): Promise<NamespaceTrouble | null> {
  const { namespace } = temporal.options;
  try {
    await soon(temporal, () => temporal.workflowService.describeNamespace({ namespace }));
    const names = await missingSearchAttributes(temporal);
    return names.length === 0 ? null : { kind: 'no_search_attributes', names };
  } catch (error) {
    if (error instanceof NamespaceNotFoundError || hasCode(error, GRPC.notFound)) return { kind: 'no_namespace' };
    const isRefused = hasCode(error, GRPC.permissionDenied, GRPC.unauthenticated);
    return { kind: isRefused ? 'refused' : 'unreachable' };
  }
}

/** The names of those that the namespace lacks. Throws what the client throws. */
export async function missingSearchAttributes(temporal: Client): Promise<readonly string[]> {
  const { namespace } = temporal.options;
  const { operatorService } = temporal.connection;
  const names = Object.values(SEARCH_ATTRIBUTES).map(({ name }) => name);
  try {
    const { customAttributes } = await soon(temporal, () => operatorService.listSearchAttributes({ namespace }));
    return names.filter((name) => !Object.hasOwn(customAttributes, name));
  } catch (error) {
    // Who may use a namespace need not be one of its operators: then whoever is has made them.
    if (hasCode(error, GRPC.permissionDenied, GRPC.unimplemented)) return [];
    throw error;
  }
}

const soon = <T>(temporal: Client, call: () => Promise<T>): Promise<T> =>
  temporal.connection.withDeadline(Date.now() + TIMEOUT_MS, call);

/** What is wrong and what to do about it, without an address: anybody may read it. */
export function namespaceSentence(trouble: NamespaceTrouble, namespace: string): string {
  switch (trouble.kind) {
    case 'unreachable':
      return 'Temporal does not answer: start it, or see what TEMPORAL_ADDRESS names';
    case 'refused':
      return `Temporal refuses the credentials that this process has for the namespace ${namespace}`;
    case 'no_namespace':
      return (
        `Temporal has no namespace ${namespace}: create it by ` +
        `\`temporal operator namespace create --namespace ${namespace} --retention 168h\``
      );
    case 'no_search_attributes':
      return (
        `Temporal's namespace ${namespace} lacks the search attributes ${trouble.names.join(', ')}: ` +
        'a running worker adds them within a minute'
      );
  }
}
