// What people paste into the form, made right while they type. Pure.

/** Any address of the console, cut to its origin; what is none stays as it was typed. */
export function originOf(typed: string): { readonly value: string; readonly cut: boolean } {
  const text = typed.trim();
  const withScheme = /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(withScheme)) return { value: text, cut: false };
  const url = new URL(withScheme);
  const isCut = url.pathname !== '/' || url.search !== '' || url.hash !== '';
  return isCut ? { value: url.origin, cut: true } : { value: text, cut: false };
}

/** Mail and chat break long lines; a token holds neither spaces nor line breaks. */
export function withoutSpaces(typed: string): { readonly value: string; readonly removed: number } {
  const value = typed.replaceAll(/\s+/g, '');
  return { value, removed: typed.length - value.length };
}
