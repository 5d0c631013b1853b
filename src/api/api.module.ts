// The api's root module. Parts that outlive a request are made in main.api.ts and handed in; each noun adds its
// controllers and what they inject.
import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import type { Registry } from 'prom-client';
import type { Logger } from '../log.js';
import type { Database } from '../store/database.js';
import { ACCOUNT_SETTINGS, AccountController } from './accounts/account.controller.js';
import { createAccountSettingsService } from './accounts/account-settings.service.js';
import { API_KEYS, ApiKeyController } from './api-keys/api-key.controller.js';
import { createApiKeyService } from './api-keys/api-key.service.js';
import { AUDIT, AuditController } from './audit/audit.controller.js';
import { createAuditService } from './audit/audit.service.js';
import { createBilledAccounts } from './billing/billed-accounts.service.js';
import { BILLED_ACCOUNTS, OperatorStatementController } from './billing/operator-statement.controller.js';
import { ChangeController, CHANGES } from './changes/change.controller.js';
import { type ChangeHubOptions, createChangeHub } from './changes/change-hub.js';
import { CONNECTION_CONTROLLERS, connectionProviders } from './connections/connection.providers.js';
import { createConnectionRepairService, type RepairParts } from './connections/connection-repair.service.js';
import type { ConnectionParts } from './connections/connection-services.js';
import { CONNECTION_REPAIRS, OperatorConnectionController } from './connections/operator-connection.controller.js';
import { forASecond } from './health/for-a-second.js';
import { HealthController, READINESS } from './health/health.controller.js';
import type { Readiness } from './health/readiness.service.js';
import { HelpController } from './help/help.controller.js';
import { AccessGuard } from './http/access.guard.js';
import { createOperatorKey, OPERATOR_KEY, type OperatorKey } from './http/operator-key.js';
import { AUTHENTICATOR, type Authenticator } from './http/principal.js';
import { LOG, ProblemFilter } from './http/problem.filter.js';
import { createRateLimiter, RATE_LIMITER, RateLimitGuard, type RateLimits } from './http/rate-limit.js';
import { InvitationController, INVITATIONS } from './invitations/invitation.controller.js';
import { createInvitationService } from './invitations/invitation.service.js';
import { LICENSE_COUNTS, LicenseCountController } from './license-counts/license-count.controller.js';
import { createLicenseCountService } from './license-counts/license-count.service.js';
import { LOG_SOURCES, LogSourceController } from './log-sources/log-source.controller.js';
import { createLogSourceService } from './log-sources/log-source.service.js';
import { createRequestMetrics, REQUEST_METRICS } from './metrics/request-metrics.js';
import { BEHIND_WATCH, BehindWatch } from './notices/behind-watch.js';
import { NoticeController, NOTICES } from './notices/notice.controller.js';
import { createNoticeService } from './notices/notice.service.js';
import { OrganizationController, ORGANIZATIONS } from './organizations/organization.controller.js';
import { createOrganizationService } from './organizations/organization.service.js';
import { ORGANIZATION_IMPORT, OrganizationImportController } from './organizations/organization-import.controller.js';
import { createOrganizationImportService } from './organizations/organization-import.service.js';
import { SIGN_IN, SignInController, type SignInParts, WITHOUT_SIGN_IN } from './sign-in/sign-in.controller.js';
import { StatementController, STATEMENTS } from './statements/statement.controller.js';
import { createStatementService } from './statements/statement.service.js';
import { UserController, USERS } from './users/user.controller.js';
import { createUserService } from './users/user.service.js';

export interface ApiParts {
  readonly log: Logger;
  /** Under the api's role, bound by row-level security. */
  readonly database: Database;
  readonly readiness: Readiness;
  readonly authenticator: Authenticator;
  /** Left out where nobody operates the product over HTTP: its routes are then not there. */
  readonly operatorKey?: OperatorKey;
  /** What else of the process is measured. */
  readonly metrics?: Registry;
  /** Left out where another Authenticator stands in for people who sign in. */
  readonly signIn?: SignInParts;
  readonly connections: ConnectionParts;
  readonly repairs: RepairParts;
  /** Tests shorten its times. */
  readonly changes?: Pick<
    ChangeHubOptions,
    'heartbeatMs' | 'maxStreamsPerAccount' | 'maxStreamsPerCaller' | 'listenDatabase' | 'deafAfterMs'
  >;
  /** How often it is looked which connections are behind; by default once a minute. */
  readonly behindEveryMs?: number;
  /** Requests a minute; by default the product's own. */
  readonly rateLimits?: RateLimits;
}

@Module({})
export class ApiModule {
  static with(parts: ApiParts): DynamicModule {
    const { database, signIn = WITHOUT_SIGN_IN } = parts;
    const { publicUrl } = signIn;
    const { log, authenticator, connections } = parts;
    const controllers: Type[] = [
      HealthController,
      HelpController,
      AccountController,
      OrganizationController,
      OrganizationImportController,
      AuditController,
      SignInController,
      ApiKeyController,
      UserController,
      InvitationController,
      ...CONNECTION_CONTROLLERS,
      LogSourceController,
      NoticeController,
      LicenseCountController,
      StatementController,
      OperatorStatementController,
      OperatorConnectionController,
      ChangeController,
    ];
    const providers: Provider[] = [
      { provide: LOG, useValue: parts.log },
      { provide: READINESS, useValue: forASecond(parts.readiness) },
      { provide: REQUEST_METRICS, useValue: createRequestMetrics(parts.metrics) },
      { provide: AUTHENTICATOR, useValue: parts.authenticator },
      { provide: OPERATOR_KEY, useValue: parts.operatorKey ?? createOperatorKey(undefined) },
      { provide: RATE_LIMITER, useValue: createRateLimiter(parts.rateLimits) },
      { provide: ACCOUNT_SETTINGS, useValue: createAccountSettingsService({ database }) },
      { provide: ORGANIZATIONS, useValue: createOrganizationService({ database }) },
      { provide: ORGANIZATION_IMPORT, useValue: createOrganizationImportService({ database }) },
      { provide: AUDIT, useValue: createAuditService({ database }) },
      { provide: SIGN_IN, useValue: signIn },
      { provide: API_KEYS, useValue: createApiKeyService({ database }) },
      { provide: USERS, useValue: createUserService({ database }) },
      { provide: INVITATIONS, useValue: createInvitationService({ database, publicUrl }) },
      ...connectionProviders({ ...connections, database, log }),
      { provide: LOG_SOURCES, useValue: createLogSourceService({ database }) },
      { provide: LICENSE_COUNTS, useValue: createLicenseCountService({ database }) },
      { provide: STATEMENTS, useValue: createStatementService({ database }) },
      { provide: BILLED_ACCOUNTS, useValue: createBilledAccounts({ database }) },
      { provide: CONNECTION_REPAIRS, useValue: createConnectionRepairService({ ...parts.repairs, database }) },
      { provide: NOTICES, useValue: createNoticeService({ database }) },
      { provide: BEHIND_WATCH, useValue: new BehindWatch({ database, log, everyMs: parts.behindEveryMs }) },
      { provide: CHANGES, useValue: createChangeHub({ ...parts.changes, database, authenticator, log }) },
      // Guards run in this order: who is calling and may they, then how often.
      { provide: APP_GUARD, useClass: AccessGuard },
      { provide: APP_GUARD, useClass: RateLimitGuard },
      { provide: APP_FILTER, useClass: ProblemFilter },
    ];
    return { module: ApiModule, controllers, providers };
  }
}
