// The setup guide as a page: headings that links find, and nothing that the file does not say.
import { expect, test } from 'vitest';
import { anchorOf, guidePage } from '../../../src/api/help/guide-page.js';

test.each([
  ['Syslog already setup', 'syslog-already-setup'],
  ['API token', 'api-token'],
  ['Rotate the token: without a gap!', 'rotate-the-token-without-a-gap'],
  ['`site_unmapped`', 'site_unmapped'],
])('%s is found at #%s', (heading, anchor) => {
  expect(anchorOf(heading)).toBe(anchor);
});

test.each([
  ['# Title\nText of\ntwo lines', '<h1 id="title">Title</h1><p>Text of two lines</p>'],
  ['## A `b` **c**', '<h2 id="a-b-c">A <code>b</code> <strong>c</strong></h2>'],
  ['- one\n  goes on\n- two', '<ul><li>one goes on</li><li>two</li></ul>'],
  ['1. one\n2. two', '<ol start="1"><li>one</li><li>two</li></ol>'],
  ['3. after code', '<ol start="3"><li>after code</li></ol>'],
  [
    '| a | b |\n|---|---|\n| `c` | d & e |',
    '<table><tr><th>a</th><th>b</th></tr><tr><td><code>c</code></td><td>d &amp; e</td></tr></table>',
  ],
  ['*a* `https://*.b` and `*.c`', '<p><em>a</em> <code>https://*.b</code> and <code>*.c</code></p>'],
  ['see\n\n```sh\ncurl <x> & y\n```\n\nend', '<p>see</p><pre>curl &lt;x&gt; &amp; y</pre><p>end</p>'],
  ['<script>alert(1)</script>', '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>'],
  ['[there](#permissions) [x](javascript:alert)', '<p><a href="#permissions">there</a> [x](javascript:alert)</p>'],
])('%j', (markdown, html) => {
  expect(guidePage(markdown)).toContain(`<body>${html}</body>`);
});
