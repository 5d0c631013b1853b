// Schemathesis against the running api. Minutes long, so in the tests' full mode only (FULL=1); api/fuzz.test.ts always
// runs.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSchemathesis } from '../../scripts/schemathesis.js';
import type { Principal } from '../../src/api/http/principal.js';
import { furnish } from '../api/support/access-target.js';
import { type ApiStage, aPrincipal, openApiStage } from '../api/support/api-stage.js';

const TIMEOUT_MS = 15 * 60_000;
const API_KEY = 'fuzz:secret';

let stage: ApiStage;
let admin: Principal;

beforeAll(async () => {
  const authorization = `Basic ${Buffer.from(API_KEY).toString('base64')}`;
  const authenticate = async (request: { get(name: string): string | undefined }) =>
    request.get('authorization') === authorization ? admin : null;
  stage = await openApiStage({ parts: { authenticator: { authenticate } } });
  admin = aPrincipal(stage.ours);
  await furnish(stage.owner, stage.ours);
});
afterAll(() => stage.close());

test('every answer is as the document says, and none is a fault of ours', { timeout: TIMEOUT_MS }, async () => {
  const fuzz = { url: stage.url, apiKey: API_KEY, maxExamples: 25, timeoutMs: TIMEOUT_MS };
  const { ok, output } = await runSchemathesis(fuzz);
  expect(ok, output).toBe(true);
});
