// What a sign-in page has to know before anybody has signed in. Signing in itself is Better Auth's, see
// sign-in.middleware.ts.
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '../http/access.decorator.js';
import { OIDC_PROVIDER_ID } from './oidc.js';
import type { SignIn } from './sign-in.js';

export const SIGN_IN = Symbol('sign-in');

export interface SignInParts {
  /** Null: nobody signs in here. */
  readonly signIn: SignIn | null;
  /** The address people type. */
  readonly publicUrl: URL;
  /** On the button of the OpenID provider; null without one. */
  readonly oidcName: string | null;
}

export const WITHOUT_SIGN_IN: SignInParts = {
  signIn: null,
  publicUrl: new URL('http://127.0.0.1:8080'),
  oidcName: null,
};

const signInMethods = z
  .object({
    password: z.boolean(),
    oidc: z.object({ provider: z.string(), name: z.string() }).nullable(),
  })
  .meta({ id: 'SignInMethods' });

@ApiTags('Sign-in')
@Controller('v1/sign-in-methods')
export class SignInController {
  constructor(@Inject(SIGN_IN) private readonly parts: SignInParts) {}

  @Get()
  @Public()
  @ApiOperation({ summary: 'How people can sign in' })
  @ApiResponse({ status: 200, standardSchema: signInMethods })
  methods(): z.output<typeof signInMethods> {
    const { signIn, oidcName } = this.parts;
    return {
      password: signIn !== null,
      oidc: oidcName === null ? null : { provider: OIDC_PROVIDER_ID, name: oidcName },
    };
  }
}
