// Which organization a SentinelOne site probably belongs to, by its name. A suggestion and never more: it is shown
// beside the dropdown, a person applies it. Two organizations that read the same are no suggestion.

export interface NamedOrganization {
  readonly id: string;
  readonly name: string;
}

/** Suggests for one site name after another from the same organizations. */
export type Suggest = (siteName: string | null) => string | null;

export function suggestFrom(organizations: readonly NamedOrganization[]): Suggest {
  const byName = new Map<string, string | null>();
  for (const { id, name } of organizations) {
    const normalised = normaliseName(name);
    if (normalised !== '') byName.set(normalised, byName.has(normalised) ? null : id);
  }
  return (siteName) => (siteName === null ? null : (byName.get(normaliseName(siteName)) ?? null));
}

/**
 * Legal forms that one system writes and another leaves out. Single letters are forms only together: `B.V.`, `S.A.`.
 */
const LEGAL_FORMS = [
  'inc', 'incorporated', 'corp', 'corporation', 'co', 'company', 'llc', 'llp', 'lp', 'pllc', 'pc', 'plc', 'ltd', 'limited',
  'pty', 'pty ltd', 'gmbh', 'ggmbh', 'mbh', 'ag', 'kg', 'ohg', 'ug', 'ev', 'ek', 'se', 'sa', 'sarl', 'sas', 'srl', 'spa', 'sl',
  'bv', 'nv', 'vof', 'ab', 'as', 'asa', 'oy', 'oyj', 'aps', 'sro', 'doo', 'kft', 'ltda', 'sp z oo', 'kk', 'pte', 'sdn bhd',
].map((form) => form.split(' ')); // prettier-ignore

/** Compared: lower case, without accents, punctuation, a leading `the` and legal forms; `&` reads `and`. */
export function normaliseName(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
    .replaceAll('æ', 'ae')
    .replaceAll('œ', 'oe')
    .replaceAll(/[&+]/g, ' and ')
    // An apostrophe or a dot inside is part of a word: `O'Hara`, `L.L.C.`
    .replaceAll(/['’.`´]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return withoutLegalForms(words[0] === 'the' && words.length > 1 ? words.slice(1) : words).join(' ');
}

/** At the end, several of them (`GmbH & Co. KG`), and never the whole name: a company may be called `Limited`. */
function withoutLegalForms(words: readonly string[]): readonly string[] {
  const form = LEGAL_FORMS.find((each) => each.length < words.length && endsWith(words, each));
  if (form === undefined) return words;
  const rest = words.slice(0, words.length - form.length);
  return withoutLegalForms(rest.length > 1 && rest.at(-1) === 'and' ? rest.slice(0, -1) : rest);
}

const endsWith = (words: readonly string[], end: readonly string[]): boolean =>
  end.every((word, index) => words[words.length - end.length + index] === word);
