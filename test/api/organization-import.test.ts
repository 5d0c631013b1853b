import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiStage, aPrincipal, openApiStage, principalHeader } from './support/api-stage.js';

let stage: ApiStage;
const admin = () => aPrincipal(stage.ours);

beforeAll(async () => {
  stage = await openApiStage();
  const known = [
    { name: 'Alder', externalKey: 'A' },
    { name: 'Birch', externalKey: 'B' },
    { name: 'Cedar', externalKey: null },
  ];
  for (const body of known) await stage.call('POST /v1/organizations', { as: admin(), body });
});
afterAll(() => stage.close());

const run = (body: string, dryRun = false) =>
  stage.call(`POST /v1/organizations/import?dryRun=${dryRun}`, { as: admin(), body });

async function organizations(): Promise<Record<string, string | null>> {
  const { body } = await stage.call('GET /v1/organizations?limit=200', { as: admin() });
  const items: { name: string; externalKey: string | null }[] = body.items;
  const named = items.filter(({ name }) => !name.startsWith('Organization '));
  return Object.fromEntries(named.map(({ name, externalKey }) => [name, externalKey]));
}

describe('a list of organizations', () => {
  test('is previewed without changing anything, then applied, and applied again changes nothing', async () => {
    const before = await organizations();
    const list = '\ufeffname,externalKey\r\nBirch,A\r\nAlder,B\r\n"Cedar",C\r\n"Elm, ""Old""",\r\n';
    const preview = await run(list, true);
    const counts = { create: 1, rename: 2, setExternalKey: 1, unchanged: 0, errors: 0 };
    expect(preview).toMatchObject({ status: 200, body: { applied: false, counts } });
    expect(preview.body.items).toMatchObject([
      { line: 2, action: 'rename', name: 'Birch', externalKey: 'A', before: { name: 'Alder' } },
      { line: 3, action: 'rename', name: 'Alder', externalKey: 'B', before: { name: 'Birch' } },
      { line: 4, action: 'set_external_key', externalKey: 'C', before: { externalKey: null } },
      { line: 5, action: 'create', name: 'Elm, "Old"', externalKey: null, organizationId: null },
    ]);
    expect(await organizations()).toEqual(before);

    const applied = await run(list);
    expect(applied).toMatchObject({ status: 200, body: { applied: true, counts } });
    expect(await organizations()).toEqual({ Birch: 'A', Alder: 'B', Cedar: 'C', 'Elm, "Old"': null });

    const again = await run(list);
    expect(again.body.counts).toEqual({ create: 0, rename: 0, setExternalKey: 0, unchanged: 4, errors: 0 });
  });

  test('with a wrong line is applied not at all, and every wrong line is told', async () => {
    const before = await organizations();
    const list = [
      'name,externalKey',
      'Fir,F',
      ',G',
      'fir,H',
      'Gum,F',
      'Cedar,X',
      'Hazel,I,surplus',
      '"Ivy\nLane",J',
      'Juniper,C',
    ].join('\n');
    const lines = [
      { line: 3, message: expect.stringMatching(/^name: /) },
      { line: 4, message: 'name: line 2 has it already' },
      { line: 5, message: 'externalKey: line 2 has it already' },
      { line: 6, message: 'externalKey: Cedar has the key C; change it there first' },
      { line: 7, message: '3 fields where the header has 2' },
      { line: 8, message: expect.stringMatching(/^name: .*control/) },
    ];
    const preview = await run(list, true);
    expect(preview).toMatchObject({ status: 200, body: { applied: false, errors: lines } });
    expect(await run(list)).toMatchObject({ status: 422, body: { code: 'import_has_errors', lines } });
    expect(await organizations()).toEqual(before);
  });

  test.each([
    ['', 422],
    ['id;name\n1;2\n', 422],
    ['name,externalKey\n"Open\n', 422],
    ['name,externalKey\nA"b,c\n', 422],
    [`name,externalKey\n${'x\n'.repeat(5_001)}`, 422],
    [`name,externalKey\n${'x'.repeat(1_100_000)}`, 413],
  ])('that is none is refused (%#)', async (body, status) => {
    expect((await run(body)).status).toBe(status);
  });

  test('of 5,000 lines is applied', { timeout: 60_000 }, async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `Customer ${index},N-${index}`);
    const reply = await stage.call('POST /v1/organizations/import', {
      as: aPrincipal(stage.theirs),
      body: `name,externalKey\n${lines.join('\n')}\n`,
    });
    expect(reply).toMatchObject({ status: 200, body: { applied: true, counts: { create: 5_000 } } });
  });

  test('that is no UTF-8 is refused by line; in another encoding it is read as that, when it is named', async () => {
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
    const latin1 = bytes('name,externalKey\nFir,F\nMüller,M\n,K\xf6\n');
    const send = (body: Uint8Array<ArrayBuffer>, charset = '') =>
      fetch(`${stage.url}/v1/organizations/import?dryRun=true`, {
        method: 'POST',
        headers: { ...principalHeader(admin()), 'content-type': `text/csv${charset}` },
        body,
      }).then(async (reply) => ({ status: reply.status, body: (await reply.json()) as { items: object[] } }));
    const lines = [3, 4].map((line) => ({ line, message: expect.stringMatching(/no UTF-8/) }));
    expect(await send(latin1)).toMatchObject({ status: 200, body: { items: [{ name: 'Fir' }], errors: lines } });
    expect(await send(bytes('n\xe4me,externalKey\nFir,F\n'))).toMatchObject({
      status: 422,
      body: { detail: expect.stringMatching(/^line 1: .*no UTF-8/) },
    });
    const named = await send(latin1, '; charset=iso-8859-1');
    expect(named.body.items).toMatchObject([{ name: 'Fir' }, { name: 'Müller' }]);
  });

  test('needs text/csv', async () => {
    const reply = await stage.call('POST /v1/organizations/import', { as: admin(), body: { name: 'x' } });
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid_input' } });
  });

  test('is in the audit log, one entry for each organization that changed', async () => {
    await run('name,externalKey\nMaple,M\nOak,O\n');
    const log = await stage.call('GET /v1/audit-log?action=organization.created&limit=2', { as: admin() });
    expect(log.body.items.map((entry: { after: unknown }) => entry.after)).toEqual([
      { name: 'Oak', externalKey: 'O', by: 'import' },
      { name: 'Maple', externalKey: 'M', by: 'import' },
    ]);
  });
});
