// Sign-in at an OpenID provider. It says who somebody is, and nothing else: who may in was decided here before, by an
// invitation. An address proves nothing here, because whoever holds an invitation's link need not own it; so a member
// links the provider once, signed in with the password, and the provider must say that it has verified the very same
// address.
import type { GenericOAuthConfig } from 'better-auth/plugins';
import type { Secret } from '../../domain/secret.js';

/** As the callback's address names it: `/v1/auth/callback/oidc`, to be registered with the provider. */
export const OIDC_PROVIDER_ID = 'oidc';

export interface OidcSettings {
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** On the sign-in button. */
  readonly name: string;
}

export const oidcProvider = ({ issuer, clientId, clientSecret, name }: OidcSettings): GenericOAuthConfig => ({
  providerId: OIDC_PROVIDER_ID,
  name,
  discoveryUrl: `${issuer.href.replace(/\/$/, '')}/.well-known/openid-configuration`,
  requireIdTokenVerification: true,
  clientId,
  clientSecret: clientSecret.reveal(),
  scopes: ['openid', 'email', 'profile'],
  pkce: true,
  disableSignUp: true,
});
