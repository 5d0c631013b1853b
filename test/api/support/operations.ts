// The operations of an OpenAPI document, as far as the tests read them.
export interface Operation {
  /** `GET /v1/organizations/{id}` */
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly operation: {
    readonly summary?: string;
    readonly tags?: readonly string[];
    readonly security?: readonly object[];
    readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
    readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
    readonly responses: Readonly<
      Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: object }>> }>
    >;
    readonly 'x-access'?: 'public' | 'operator' | readonly string[];
  };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation['operation']>>>>;
}

export const operationsOf = ({ paths }: Document): Operation[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
