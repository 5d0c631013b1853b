// Fuzzes a running api: `npm run fuzz -- --key key:secret [--url http://127.0.0.1:8080] [--examples 100]`. It creates,
// changes and deletes whatever it can, so give it a stack that nobody needs. Exit 1 when an answer was not as the
// document says.
import { parseArgs } from 'node:util';
import { runSchemathesis } from './schemathesis.js';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    key: { type: 'string' },
    examples: { type: 'string', default: '100' },
  },
});

if (values.key === undefined) {
  process.stderr.write('which API key? --key key:secret, as `npm start` prints it\n');
  process.exitCode = 2;
} else {
  const { url, key: apiKey, examples } = values;
  const { ok, output } = await runSchemathesis({ url, apiKey, maxExamples: Number(examples) });
  process.stdout.write(output);
  process.exitCode = ok ? 0 : 1;
}
