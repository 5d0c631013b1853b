// Each route says who may call it, on the route or its controller. A route that says nothing is refused to everybody,
// and a test that walks all routes fails on it.
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { type Role, ROLES } from './principal.js';

export type Access = 'public' | 'operator' | readonly Role[];

export const ACCESS = 'access';
/** The same in the OpenAPI document, for people and for the test. */
export const ACCESS_EXTENSION = 'x-access';

const declare = (access: Access) =>
  applyDecorators(SetMetadata(ACCESS, access), ApiExtension(ACCESS_EXTENSION, access));

/** Without credentials: health, documentation, sign-in. */
export const Public = () => declare('public');

/** With the key of whoever operates the product; to everybody else it is not there. */
export const Operator = () => declare('operator');

/** With one of these roles. */
export const Roles = (...roles: readonly Role[]) => declare(roles);

/** With any role; what each sees is its scope's. */
export const AnyRole = () => Roles(...ROLES);
