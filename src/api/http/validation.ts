// zod schemas on a route's body, query and parameters, checked by Nest's Standard Schema pipe. What fails is told by
// field.
import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import { Problem } from '../../domain/failures/problem.js';

/** A body of a type that nobody reads here has not been read. Where a body may be left out, the schema says so. */
class ValidationPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (metadata.type !== 'body' || value !== undefined) throw error;
      const sentence = 'send a body, as JSON in UTF-8 with Content-Type: application/json, or as the route takes it';
      throw new Problem('unsupported_media_type', sentence, { cause: error });
    }
  }
}

export const validationPipe = () =>
  new ValidationPipe({
    exceptionFactory: (issues) => {
      const errors = issues.map(({ path = [], message }) => ({ path: pathOf(path), message }));
      const sentence = errors.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
      return new Problem('invalid_input', sentence.slice(0, 1_000), { extra: { errors: errors.slice(0, 50) } });
    },
  });

const pathOf = (path: readonly (PropertyKey | { readonly key: PropertyKey })[]): string =>
  path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
