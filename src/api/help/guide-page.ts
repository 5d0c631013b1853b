// The setup guide as a page: the few forms of Markdown that it uses, with headings that links can point at. Everything
// is escaped first, so the page shows what the file says and nothing else.

/** As GitHub makes anchors, so that the same links work there. */
export const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escape = (text: string) => text.replaceAll(/[&<>"]/g, (character) => ESCAPES[character] ?? '');

/** HTML of one line. What stands between backquotes is shown as it is. */
export const inline = (text: string): string =>
  escape(text)
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? `<code>${part}</code>` : marked(part)))
    .join('');

const marked = (text: string) =>
  text
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/\*([^*]+)\*/g, '<em>$1</em>')
    .replaceAll(/\[([^\]]+)\]\((https:\/\/[^)\s]+|#[\w-]+)\)/g, '<a href="$2">$1</a>');

function block(text: string): string {
  const heading = /^(#{1,4}) (.+)$/.exec(text);
  if (heading !== null) {
    const [, marks = '', title = ''] = heading;
    return `<h${marks.length} id="${anchorOf(title)}">${inline(title)}</h${marks.length}>`;
  }
  const lines = text.split('\n');
  if (lines.every((line) => line.startsWith('|'))) return table(lines);
  if (lines.every((line) => /^(- |\d+\. |\s)/.test(line))) return list(lines);
  return `<p>${inline(lines.join(' '))}</p>`;
}

/** A line that is indented goes on the item before it. */
function list(lines: readonly string[]): string {
  const items: string[] = [];
  for (const line of lines) {
    if (/^\s/.test(line) && items.length > 0) items.push(`${items.pop() ?? ''} ${line.trim()}`);
    else items.push(line.replace(/^(- |\d+\. )/, ''));
  }
  const all = items.map((item) => `<li>${inline(item)}</li>`).join('');
  const [, first] = /^(\d+)\. /.exec(lines[0] ?? '') ?? []; // not 1 where code stands between the steps
  return first === undefined ? `<ul>${all}</ul>` : `<ol start="${first}">${all}</ol>`;
}

/** The second line only separates the head from the rest. */
function table([head = '', , ...rest]: readonly string[]): string {
  const row = (line: string, tag: 'th' | 'td') => {
    const cells = line.replace(/^\|\s*|\s*\|$/g, '').split(/\s*\|\s*/);
    return `<tr>${cells.map((cell) => `<${tag}>${inline(cell)}</${tag}>`).join('')}</tr>`;
  };
  return `<table>${row(head, 'th')}${rest.map((line) => row(line, 'td')).join('')}</table>`;
}

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; }
  th, td { border: 1px solid #8888; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
  tr:target, h2:target { background: #fc08; }
  pre { overflow-x: auto; padding: 0.8rem; background: #8882; }`;

const HEAD = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>${STYLE}</style>`;

/** `body` is HTML. */
export const helpPage = (title: string, body: string): string =>
  `<!doctype html><html lang="en">${HEAD}<title>${escape(title)}</title><body>${body}</body></html>`;

export function guidePage(markdown: string): string {
  const parts = markdown.split(/^```.*$/m); // every second part is between fences
  const body = parts.map((part, index) => (index % 2 === 1 ? `<pre>${escape(part.trim())}</pre>` : blocks(part)));
  return helpPage('Setting up SentinelOne', body.join(''));
}

const blocks = (text: string): string =>
  text
    .replaceAll(/^(#{1,4} .+)$/gm, '\n$1\n')
    .split(/\n\s*\n/)
    .map((part) => part.replace(/^\n+|\s+$/g, ''))
    .filter((part) => part !== '')
    .map(block)
    .join('');
